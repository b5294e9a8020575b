import { topics, type ProfileChange, type ProfileChangedMessage, type Tenant } from '@tessera/contracts';
import type { Producer } from '@tessera/messaging';
import type { IdentityGraphReader } from '@tessera/stores';

const CHANGES_PER_MESSAGE = 200;

/** Tells the rest of the platform of people whose records are gone: nobody else hears of it where nothing linked them. */
export class ChangedPeople {
  constructor(
    private readonly graph: IdentityGraphReader,
    private readonly producer: Producer,
  ) {}

  /**
   * To be called once the removal is durable; may be repeated.
   *
   * @param acceptedAt of the request behind it, epoch ms.
   * @throws UnavailableError
   */
  async announce(tenant: Tenant, xids: readonly string[], acceptedAt: number): Promise<void> {
    const changes = await this.changesOf(tenant, xids, acceptedAt);
    const messages = Array.from({ length: Math.ceil(changes.length / CHANGES_PER_MESSAGE) }, (_, index) => {
      const from = index * CHANGES_PER_MESSAGE;
      const { organisation, sandbox } = tenant;
      const some = changes.slice(from, from + CHANGES_PER_MESSAGE);
      return { value: JSON.stringify({ organisation, sandbox, changes: some } satisfies ProfileChangedMessage) };
    });
    await this.producer.send(topics.profileChanged, messages);
  }

  /** The people as they are now; an identity that the graph does not have is a person of its own. */
  private async changesOf(tenant: Tenant, xids: readonly string[], acceptedAt: number): Promise<ProfileChange[]> {
    const changes = new Map<string, ProfileChange>();
    const unknown = new Set(xids);
    for (const { _id, clusterId, members } of await this.graph.findMany(tenant, xids)) {
      unknown.delete(_id);
      changes.set(clusterId, { clusterId, members: members.map(({ xid }) => xid), replaced: [], acceptedAt });
    }
    for (const xid of unknown) changes.set(xid, { clusterId: xid, members: [xid], replaced: [], acceptedAt });
    return [...changes.values()];
  }
}
