import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import { applyChanges, versionsOf, type FragmentChange } from '@tessera/domain';
import { available, BY_ID, inRounds, unorderedBulkDone } from '../bulk.js';
import { inSlices } from '../slices.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';
import {
  batchesWithin,
  fragmentDocument,
  unchangedFragment,
  type FragmentEffect,
  type FragmentWrite,
} from './fragment-write.js';

/** The records of a batch that are about one fragment; never empty. */
export type FragmentGroup = readonly [FragmentWrite, ...FragmentWrite[]];

/**
 * Applies records to what is stored, where a fragment is more than its newest record: read, merge, and write only where
 * nobody else wrote in between. As merging takes records in any order and any number of times, losing the race costs
 * nothing but another try, and every lost race is another writer's success.
 */
export class FragmentMerger {
  constructor(private readonly fragments: Collection<FragmentDocument>) {}

  /** One query and one bulk write for all groups, more only where other writers interfere. Notes every write's effect. */
  async apply(
    tenant: Tenant,
    groups: readonly FragmentGroup[],
    effects: Map<FragmentWrite, FragmentEffect>,
  ): Promise<void> {
    await inRounds(groups, async (pending) => {
      const stored = await this.read(tenant, pending);
      const operations: AnyBulkWriteOperation<FragmentDocument>[] = [];
      const changed: FragmentGroup[] = [];
      for (const group of pending) {
        const before = stored.get(idOf(group));
        const after = merged(tenant, before, group);
        const carried = versionsOf(after);
        for (const write of group) effects.set(write, carried.has(write.version) ? 'stored' : 'superseded');
        if (before !== undefined && sameState(before, after)) continue;
        operations.push(before === undefined ? { insertOne: { document: after } } : replaceUnchanged(before, after));
        changed.push(group);
      }
      return (await unorderedBulkDone(this.fragments, operations)) ? [] : changed;
    });
  }

  private async read(tenant: Tenant, groups: readonly FragmentGroup[]): Promise<Map<string, FragmentDocument>> {
    const documents = await inSlices(groups.map(idOf), (ids) =>
      available(this.fragments.find({ tenant: tenantKey(tenant), _id: { $in: ids } }, { hint: BY_ID }).toArray()),
    );
    return new Map(documents.map((document) => [document._id, document]));
  }
}

function idOf([{ datasetId, xid }]: FragmentGroup): string {
  return fragmentId(datasetId, xid);
}

function merged(tenant: Tenant, before: FragmentDocument | undefined, group: FragmentGroup): FragmentDocument {
  const state = applyChanges(before, group.map(changeOf));
  const newest = [...(before === undefined ? [] : [before]), ...group].find(({ version }) => version === state.version);
  const batchIds = [...(before?.batchIds ?? []), before?.batchId, ...group.map(({ batchId }) => batchId)];
  return fragmentDocument(tenant, newest ?? group[0], state, batchesWithin(state, batchIds));
}

function changeOf({ version, body, partial }: FragmentWrite): FragmentChange {
  if (partial !== undefined) return { operation: 'merge', version, body: partial };
  if (body !== undefined) return { operation: 'create', version, body: JSON.parse(body) as JsonObject };
  return { operation: 'delete', version, body: {} };
}

function sameState(a: FragmentDocument, b: FragmentDocument): boolean {
  return a.version === b.version && a.fieldVersions === b.fieldVersions;
}

/** Never an insert: a fragment that was removed meanwhile, with all it said, must not come back. */
function replaceUnchanged(before: FragmentDocument, replacement: FragmentDocument) {
  return { replaceOne: { filter: unchangedFragment(before), replacement, hint: BY_ID } };
}
