import type { Tenant } from '@tessera/contracts';
import type { DeletionFences } from '../deletions/deletion-fences.js';
import type { FenceTable } from '../deletions/fence-table.js';
import type { TouchedIdentities } from '../deletions/touched-identities.js';
import type { EventDocument } from './event-document.js';
import type { HiddenBatches } from './hidden-batches.js';

export interface DeletedHoldersParts {
  readonly fences: DeletionFences;
  readonly hidden: Pick<HiddenBatches, 'read'>;
  readonly touched: Pick<TouchedIdentities, 'add'>;
}

/** What decides whether an event is deleted. */
export type DeletableEvent = Pick<EventDocument, 'datasetId' | 'batchId' | 'staged' | 'xids' | 'acceptedAt'>;

/**
 * Tells which events are deleted and only not removed yet: of a batch, a dataset or a person whose deletion is under way, or
 * of a batch that was taken back or replaced. They must not keep their `_id` from an event that was accepted afterwards,
 * which would count as a duplicate of what nobody sees any more (ADR 50).
 */
export class DeletedHolders {
  constructor(private readonly parts: DeletedHoldersParts) {}

  /**
   * @param read their fences, where those are known already.
   * @returns those that may be removed: whom they are about is noted for the deletions that will not meet them any more.
   * @throws UnavailableError
   */
  async among<Holder extends DeletableEvent>(
    tenant: Tenant,
    holders: readonly Holder[],
    read?: FenceTable,
  ): Promise<ReadonlySet<Holder>> {
    const { fences, hidden, touched } = this.parts;
    const [table, hiddenIds] = await Promise.all([read ?? fences.readFor(tenant, holders), hidden.read(tenant)]);
    const hiddenBatches = new Set(hiddenIds);
    const deleted = new Set<Holder>();
    const concerned = new Map<string, Set<string>>();
    for (const holder of holders) {
      const { batchId, staged, xids, acceptedAt } = holder;
      const deletions = table.removing(holder, xids, acceptedAt);
      // A staged event is of a batch that is not seen yet, not of one that is not seen any more.
      const isTakenBack = batchId !== undefined && staged === undefined && hiddenBatches.has(batchId);
      if (deletions.length === 0 && !isTakenBack) continue;
      deleted.add(holder);
      for (const id of deletions) concerned.set(id, new Set([...(concerned.get(id) ?? []), ...xids]));
    }
    for (const [id, xids] of concerned) await touched.add(tenant, id, xids);
    return deleted;
  }
}
