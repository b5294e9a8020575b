import type { ChangePublisher } from '@tessera/messaging';
import {
  peopleChanges,
  type Deletion,
  type IdentityGraphReader,
  type IdentityVanisher,
  type TouchedIdentities,
} from '@tessera/stores';
import type { EdgeRemoval } from './edge-removal.js';
import type { RemovalContext } from './removal.js';

export interface SettlementParts {
  readonly reader: IdentityGraphReader;
  readonly vanisher: IdentityVanisher;
  readonly publisher: ChangePublisher;
  readonly touched: TouchedIdentities;
  readonly edges: Pick<EdgeRemoval, 'refresh'>;
}

/** Looks at whom a deletion took something from: who is known by nothing goes, and whatever is derived from people follows. */
export class Settlement {
  constructor(private readonly parts: SettlementParts) {}

  /**
   * Settles some of the identities that a deletion has noted. May be repeated.
   *
   * @param xids some hundred at most.
   * @param counted where it is noted what goes: each before the next thing that may fail, as of what is gone another try finds
   * nothing. Nowhere unless given: a deletion that was given up has said what it removed.
   * @throws UnavailableError
   */
  async settle(
    { id, tenant, at }: Omit<Deletion, 'subject'>,
    xids: readonly string[],
    counted?: Pick<RemovalContext, 'remove' | 'removed'>,
  ): Promise<void> {
    const { vanisher, reader, publisher, touched, edges } = this.parts;
    const known = await reader.findMany(tenant, xids);
    const unlinked = known.filter(({ members, contested }) => members.length === 1 && !contested);
    await vanisher.vanish(
      tenant,
      unlinked.map(({ _id }) => _id),
      counted &&
        (async (remove) => {
          const { identities = 0 } = await counted.remove(async (session) => ({ identities: await remove(session) }));
          return identities;
        }),
    );
    const changes = peopleChanges(xids, known, at);
    const members = new Set(changes.flatMap((change) => change.members));
    const copies = await edges.refresh(tenant, [...members]);
    await counted?.removed({ edges: copies });
    await publisher.publish(tenant, changes);
    await touched.settle(tenant, id, xids);
  }
}
