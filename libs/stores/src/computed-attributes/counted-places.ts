import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { DatasetDocument } from '../datasets/dataset-document.js';
import { storedEventId, type EventDocument } from '../events/event-document.js';
import { figuresKeyOf, type FiguresKey } from './figures-document.js';

/** One stretch of a dataset's events, in the order of their ids. */
export interface PlacesPage {
  readonly keys: readonly FiguresKey[];
  readonly events: number;
  /** Where the next stretch begins; undefined at the end. */
  readonly next: string | undefined;
}

/** Finds what stored events are counted in, for attributes that events were not counted for before. */
export class CountedPlaces {
  private readonly events: Collection<EventDocument>;
  private readonly datasets: Collection<DatasetDocument>;

  constructor(database: Database) {
    this.events = database.collection('events');
    this.datasets = database.collection('datasets');
  }

  /** Ids of the sandbox's datasets of events. */
  async datasetIds(tenant: Tenant): Promise<readonly string[]> {
    const filter = { tenant: tenantKey(tenant), 'rules.behavior': 'time-series' as const };
    const found = this.datasets.find(filter, { projection: { _id: 1 } }).sort({ _id: 1 });
    return (await available(found.toArray())).map(({ _id }) => _id);
  }

  /** How many events a dataset has. */
  async count(datasetId: string): Promise<number> {
    return available(this.events.countDocuments({ _id: idsOf(datasetId) }));
  }

  /** Of up to `limit` events those at or after a time. */
  async page(
    tenant: Tenant,
    datasetId: string,
    { from, after, limit }: { readonly from: number; readonly after: string | undefined; readonly limit: number },
  ): Promise<PlacesPage> {
    const filter = { _id: idsOf(datasetId, after), tenant: tenantKey(tenant) };
    const projection = { datasetId: 1, xids: 1, time: 1 };
    const found = await available(this.events.find(filter, { projection }).sort({ _id: 1 }).limit(limit).toArray());
    return {
      keys: found.filter(({ time }) => time >= from).map(figuresKeyOf),
      events: found.length,
      next: found.length < limit ? undefined : found.at(-1)?._id,
    };
  }
}

/** Ids of a dataset's events begin with its own and a dot; `/` comes right after the dot. */
function idsOf(datasetId: string, after?: string) {
  const beginning = after === undefined ? { $gte: storedEventId(datasetId, '') } : { $gt: after };
  return { ...beginning, $lt: `${datasetId}/` };
}
