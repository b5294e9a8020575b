import type { Tenant } from '@tessera/contracts';
import type { ChangePublisher } from '@tessera/messaging';
import type { IdentityGraphReader } from '@tessera/stores';

/** Tells the rest of the platform of people whose records are gone: nobody else hears of it where nothing linked them. */
export class ChangedPeople {
  constructor(
    private readonly graph: IdentityGraphReader,
    private readonly publisher: ChangePublisher,
  ) {}

  /**
   * To be called once the removal is durable; may be repeated.
   *
   * @param acceptedAt of the request behind it, epoch ms.
   * @throws UnavailableError
   */
  async announce(tenant: Tenant, xids: readonly string[], acceptedAt: number): Promise<void> {
    await this.publisher.publish(tenant, await this.graph.changesOf(tenant, xids, acceptedAt));
  }
}
