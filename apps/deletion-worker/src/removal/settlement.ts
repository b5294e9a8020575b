import type { ChangePublisher } from '@tessera/messaging';
import {
  peopleChanges,
  type Deletion,
  type IdentityGraphReader,
  type IdentityVanisher,
  type StoreCounts,
  type TouchedIdentities,
} from '@tessera/stores';
import type { EdgeRemoval } from './edge-removal.js';

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
   * @throws UnavailableError
   */
  async settle({ id, tenant, at }: Omit<Deletion, 'subject'>, xids: readonly string[]): Promise<StoreCounts> {
    const { vanisher, reader, publisher, touched, edges } = this.parts;
    const known = await reader.findMany(tenant, xids);
    const unlinked = known.filter(({ members, contested }) => members.length === 1 && !contested);
    const identities = await vanisher.vanish(
      tenant,
      unlinked.map(({ _id }) => _id),
    );
    const changes = peopleChanges(xids, known, at);
    const members = new Set(changes.flatMap((change) => change.members));
    const [copies] = await Promise.all([edges.refresh(tenant, [...members]), publisher.publish(tenant, changes)]);
    await touched.settle(tenant, id, xids);
    return { identities, edges: copies };
  }
}
