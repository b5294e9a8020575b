import type { Collection, Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Database } from '../database.js';
import type { DatasetDocument } from '../datasets/dataset-document.js';
import { HiddenBatches } from '../events/hidden-batches.js';
import type { SnapshotRead } from '../people-scan/snapshots.js';

/** Which stored events nobody is to see any more. */
export interface EventVisibility {
  /** Epoch ms. */
  readonly now: number;
  /** Milliseconds that events are kept, by dataset; datasets that keep them for ever are not in it. */
  readonly keptFor: ReadonlyMap<string, number>;
  /** Ids of batches that are hidden as a whole. */
  readonly hidden: readonly string[];
}

/**
 * What an event must be to be seen: not one that repeats another, not of a hidden batch, not expired by its dataset's present rule, which counts at once, nor by the time that
 * was written on it: an event that has expired stays so, whatever becomes of the rule.
 *
 * @param more other things that it must not be.
 */
export function visibleEvents({ now, keptFor, hidden }: EventVisibility, more: readonly Document[] = []): Document {
  const byDuration = Map.groupBy(keptFor, ([, milliseconds]) => milliseconds);
  const expired = [...byDuration].map(([milliseconds, datasets]) => ({
    datasetId: { $in: datasets.map(([id]) => id) },
    time: { $lte: now - milliseconds },
  }));
  const none = [...more, ...expired];
  return {
    heldBy: { $exists: false },
    expireAt: { $not: { $lte: new Date(now) } },
    ...(hidden.length > 0 && { batchId: { $nin: hidden } }),
    ...(none.length > 0 && { $nor: none }),
  };
}

/** Reads which events are visible: asked anew for every read, because a rule counts at once. */
export class EventVisibilityReader {
  private readonly datasets: Collection<DatasetDocument>;
  private readonly hiddenBatches: HiddenBatches;

  constructor(database: Database) {
    this.datasets = database.collection('datasets');
    this.hiddenBatches = new HiddenBatches(database);
  }

  /** @param at where events are read at a snapshot: how to read there, and its epoch ms. */
  async read(tenant: Tenant, at?: { readonly read: SnapshotRead; readonly time: number }): Promise<EventVisibility> {
    const withExpiry = { tenant: tenantKey(tenant), 'expiry.milliseconds': { $exists: true } };
    const [found, hidden] = await Promise.all([
      this.datasets.find(withExpiry, { ...at?.read, projection: { 'expiry.milliseconds': 1 } }).toArray(),
      this.hiddenBatches.read(tenant, at?.read),
    ]);
    const keptFor = new Map(found.map(({ _id, expiry }) => [_id, expiry?.milliseconds ?? Infinity]));
    return { now: at?.time ?? Date.now(), keptFor, hidden };
  }
}
