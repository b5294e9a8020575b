import { createHash } from 'node:crypto';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Summary } from '@tessera/pql';
import type { IndexDefinition } from '../indexes.js';

export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** Some events that are counted together: those of one dataset, on one day (UTC), that carry exactly these identities. */
export interface FiguresKey {
  readonly datasetId: string;
  /** In any order. */
  readonly xids: readonly string[];
  /** Epoch ms of the begin of the day. */
  readonly day: number;
}

/** Where something may have changed. */
export interface FiguresMark extends FiguresKey {
  /** Hours of the day, 0 to 23; any of them where it is absent. */
  readonly hours?: readonly number[];
}

/** What is counted of some events. */
export interface CountedFigures {
  /** Times of the first and the last event. */
  readonly first: number;
  readonly last: number;
  /** Minutes (epoch ms) in which there are events, by which the passing of time is followed. */
  readonly minutes: readonly number[];
  /** Batches that any of the events came with. */
  readonly batches?: readonly string[];
  /** When the first of the events leaves the disk. */
  readonly expires?: number;
  /** By `countedAs` of the attribute. */
  readonly summaries: Readonly<Record<string, Summary>>;
  /** Attributes (`countedAs`) to which none of the events says anything. */
  readonly silent?: readonly string[];
  /** Attributes (`countedAs`) whose expressions take too much. */
  readonly failed?: readonly string[];
}

/**
 * What the events of one key say about each active attribute. Always counted anew from the events there are, so that
 * late, repeated, replaced and deleted ones all come out right; whoever reads a person puts the figures of all their
 * identities together, so that merges and splits of people change nothing here.
 */
export interface FiguresDocument extends Partial<CountedFigures> {
  /** {@link figuresId}. */
  readonly _id: string;
  readonly tenant: string;
  readonly datasetId: string;
  /** Sorted. */
  readonly xids: readonly string[];
  readonly day: number;
  /** Raised whenever the events may have changed; by the server's clock, so that it rises also where figures went and came. */
  readonly wanted: number;
  /** The `wanted` that the figures were counted for. */
  readonly computed: number;
  /** Whether something may have changed since they were counted. */
  readonly dirty?: true;
  /** Hours of the day in which it may have; any of them where it is absent. */
  readonly dirtyHours?: readonly number[];
  /** Of a day with many events: the same by hour of the day, so that only hours with changes are counted anew. */
  readonly parts?: Readonly<Record<string, CountedFigures>>;
}

export const figuresIndexes: readonly IndexDefinition[] = [
  { collection: 'computed_figures', key: { tenant: 1, xids: 1, day: 1 } },
  { collection: 'computed_figures', key: { tenant: 1, minutes: 1 } },
  { collection: 'computed_figures', key: { tenant: 1, datasetId: 1 } },
  {
    collection: 'computed_figures',
    key: { tenant: 1, batches: 1 },
    options: { partialFilterExpression: { batches: { $exists: true } } },
  },
  {
    collection: 'computed_figures',
    key: { dirty: 1, wanted: 1 },
    options: { partialFilterExpression: { dirty: true } },
  },
  {
    collection: 'computed_figures',
    key: { expires: 1 },
    options: { partialFilterExpression: { expires: { $exists: true } } },
  },
];

export function dayOf(time: number): number {
  return Math.floor(time / DAY) * DAY;
}

/** Which figures an event counts for. */
export function figuresKeyOf(event: {
  readonly datasetId: string;
  readonly xids: readonly string[];
  readonly time: number;
}): FiguresKey {
  return { datasetId: event.datasetId, xids: event.xids, day: dayOf(event.time) };
}

/** Where an event that comes or goes changes something. */
export function figuresMarkOf(event: Parameters<typeof figuresKeyOf>[0]): FiguresMark {
  return { ...figuresKeyOf(event), hours: [hourOf(event.time)] };
}

/** Hour of its day (UTC) that a time lies in, 0 to 23. */
export function hourOf(time: number): number {
  return Math.floor((time - dayOf(time)) / HOUR);
}

export function figuresId(tenant: Tenant, { datasetId, xids, day }: FiguresKey): string {
  const parts = [tenantKey(tenant), datasetId, String(day), ...new Set(xids.toSorted())];
  return createHash('sha256').update(parts.join('\0')).digest('base64url');
}
