import type { ProfileChange, Tenant } from '@tessera/contracts';
import type { ChangePublisher } from '@tessera/messaging';
import type { GraphAnnouncements, IdentityGraphReader } from '@tessera/stores';

/** People whose records are about to go. */
export interface ConcernedPeople {
  readonly tenant: Tenant;
  readonly changes: readonly ProfileChange[];
  /** By which they are noted. */
  readonly id: string;
}

/** Tells the rest of the platform of people whose records are gone: nobody else hears of it where nothing linked them. */
export class ChangedPeople {
  constructor(
    private readonly graph: IdentityGraphReader,
    private readonly announcements: GraphAnnouncements,
    private readonly publisher: ChangePublisher,
  ) {}

  /**
   * Notes whom a removal is about. To be called before it: should whoever removes die before they are announced, another
   * worker does it a while later.
   *
   * @param acceptedAt of the request behind it, epoch ms.
   * @throws UnavailableError
   */
  async note(tenant: Tenant, xids: readonly string[], acceptedAt: number): Promise<ConcernedPeople> {
    const changes = await this.graph.changesOf(tenant, xids, acceptedAt);
    return { tenant, changes, id: await this.announcements.keep(tenant, changes) };
  }

  /** To be called once the removal is durable; may be repeated. @throws UnavailableError */
  async announce({ tenant, changes, id }: ConcernedPeople): Promise<void> {
    await this.publisher.publish(tenant, changes);
    await this.announcements.done([id]);
  }
}
