import type { Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { inSlices } from '../slices.js';
import {
  ALWAYS,
  fenceId,
  type DeletionFence,
  type DeletionFenceDocument,
  type FenceStanding,
  type FenceSubject,
  type FenceVersionDocument,
} from './deletion-fence.js';
import { FenceTable, type FenceableRecord } from './fence-table.js';

/** Which fences are asked for. */
export interface FencesAsked {
  readonly datasetIds: Iterable<string>;
  readonly batchIds: Iterable<string>;
  readonly xids: Iterable<string>;
}

/**
 * Reads what has been deleted. The rule for whoever writes data that was accepted earlier: look before writing, and compare
 * {@link version} after it. A fence that was set in between may have been too late to be seen, and the removal that it
 * stands for may have passed by already; then the writer itself takes back what the fence covers.
 */
export class DeletionFences {
  private readonly fences: Collection<DeletionFenceDocument>;
  private readonly versions: Collection<FenceVersionDocument>;

  constructor(database: Database) {
    this.fences = database.collection('deletion_fences');
    this.versions = database.collection('deletion_fence_versions');
  }

  /** How often a fence was set in a sandbox; 0 where none ever was. */
  async version(tenant: Tenant): Promise<number> {
    return (await this.standing(tenant)).version;
  }

  /** One small read. */
  async standing(tenant: Tenant): Promise<FenceStanding> {
    const found = await available(this.versions.findOne({ _id: tenantKey(tenant) }));
    return { version: found?.version ?? 0, vanishings: found?.vanishings ?? 0 };
  }

  /** The fences of some datasets, batches and people: one small read, and a second only where a sandbox has fences. */
  async read(tenant: Tenant, { datasetIds, batchIds, xids }: FencesAsked): Promise<FenceTable> {
    const known = await available(this.versions.findOne({ _id: tenantKey(tenant) }));
    if (!known) return FenceTable.empty;
    const ids = new Set([fenceId(tenant, { kind: 'sandbox' })]);
    for (const datasetId of datasetIds) ids.add(fenceId(tenant, { kind: 'dataset', datasetId }));
    for (const batchId of batchIds) ids.add(fenceId(tenant, { kind: 'batch', batchId }));
    if (known.people) for (const xid of xids) ids.add(fenceId(tenant, { kind: 'person', xid }));
    const found = await inSlices(
      [...ids],
      (some) => available(this.fences.find({ _id: { $in: some }, tenant: tenantKey(tenant) }).toArray()),
      LARGE,
    );
    return new FenceTable(known.version, found);
  }

  /** The fences that concern some records, as {@link read} gives them. */
  readFor(tenant: Tenant, records: readonly FenceableRecord[]): Promise<FenceTable> {
    return this.read(tenant, {
      datasetIds: new Set(records.map(({ datasetId }) => datasetId)),
      batchIds: new Set(records.flatMap(({ batchId }) => batchId ?? [])),
      xids: new Set(records.flatMap(({ xids }) => xids)),
    });
  }

  /**
   * What was deleted in a sandbox since a moment (epoch ms), the moment included: whoever has read people before then and
   * is about to publish them leaves these out. Deletions go on while it is read: look again after publishing.
   */
  async acceptedSince(tenant: Tenant, since: number): Promise<DeletionFence[]> {
    const filter: Filter<DeletionFenceDocument> = { tenant: tenantKey(tenant), at: { $gte: since } };
    const found = await available(this.fences.find(filter).sort({ tenant: 1, at: 1 }).toArray());
    return found.map(({ kind, key, at }) => ({ subject: subjectOf(kind, key), at: at === ALWAYS ? since : at }));
  }
}

/**
 * Milliseconds that a deletion may have been accepted before a snapshot and still be about to remove what the snapshot
 * shows: what was deleted must not come out of work that ends after the deletion did.
 */
export const UNDER_WAY = 24 * 3_600_000;

/** Ids of one query: some hundred kilobytes. */
const LARGE = 10_000;

function subjectOf(kind: FenceSubject['kind'], key: string): FenceSubject {
  switch (kind) {
    case 'dataset':
      return { kind, datasetId: key };
    case 'batch':
      return { kind, batchId: key };
    case 'person':
      return { kind, xid: key };
    case 'sandbox':
      return { kind };
  }
}
