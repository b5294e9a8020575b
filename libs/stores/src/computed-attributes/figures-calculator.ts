import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { PqlLimitError } from '@tessera/pql';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { inSlices } from '../slices.js';
import type { AttributePrograms } from './attribute-programs.js';
import type { ComputedAttributeStore } from './computed-attribute-store.js';
import { CountedEvents, type CountedEvent } from './counted-events.js';
import { Breaks } from './breaks.js';
import { figuresId, figuresKeyOf, hourOf, type CountedFigures, type FiguresDocument } from './figures-document.js';
import { joinedHours, type CountedAttribute } from './figures-parts.js';
import { spanOf } from './person-values.js';

type Wanted = Pick<FiguresDocument, '_id' | 'xids' | 'day' | 'wanted' | 'dirtyHours' | 'parts'>;
type Counted = CountedFigures & Pick<FiguresDocument, 'parts'>;

/** Figures counted at once. */
const SLICE = 500;
const MINUTE = 60_000;
/** Events of a day that are counted anew with each change; of days with more, those of the hours that changed. */
const MOST_AT_ONCE = 200;

export interface CalculationDone {
  readonly counted: number;
  /** Identities whose figures were counted. */
  readonly xids: ReadonlySet<string>;
  /** Figures for which an expression took too much. */
  readonly failed: number;
}

/**
 * Counts marked figures anew from the events there are.
 *
 * The order of steps makes it right whoever else is at work: first which marks are being answered, then which attributes
 * there are, then the events, and the result is written unless a later mark has been answered already. What is marked or
 * published after the first step is marked again by whoever does so, and counted again.
 *
 * A day with many events is kept by the hour, so that an event has those of its hour counted anew, not all of the day's.
 */
export class FiguresCalculator {
  private readonly figures: Collection<FiguresDocument>;
  private readonly events: CountedEvents;

  constructor(
    database: Database,
    private readonly attributes: Pick<ComputedAttributeStore, 'active'>,
    private readonly programs: AttributePrograms,
    private readonly mostAtOnce = MOST_AT_ONCE,
  ) {
    this.figures = database.collection('computed_figures');
    this.events = new CountedEvents(database);
  }

  /** Counts those of some figures that are marked. @throws UnavailableError; nothing is lost by calling again. */
  async calculate(tenant: Tenant, ids: readonly string[]): Promise<CalculationDone> {
    const results = await inSlices(ids, async (some) => [await this.calculateSome(tenant, some)], SLICE);
    return {
      counted: results.reduce((sum, { counted }) => sum + counted, 0),
      failed: results.reduce((sum, { failed }) => sum + failed, 0),
      xids: new Set(results.flatMap(({ xids }) => [...xids])),
    };
  }

  private async calculateSome(tenant: Tenant, ids: readonly string[]): Promise<CalculationDone> {
    const projection = { xids: 1, day: 1, wanted: 1, dirtyHours: 1, parts: 1 };
    const filter = { _id: { $in: [...ids] }, tenant: tenantKey(tenant), dirty: true as const };
    const marked: Wanted[] = await available(this.figures.find(filter, { projection }).toArray());
    if (marked.length === 0) return { counted: 0, failed: 0, xids: new Set() };
    const active = (await this.attributes.active(tenant)).map((attribute) => ({
      attribute,
      program: this.programs.of(attribute),
    }));
    const incremental = active.filter(({ program }) => program.incremental);
    const events = await this.eventsOf(tenant, marked);
    let failed = 0;
    const breaks = new Breaks();
    const operations: AnyBulkWriteOperation<FiguresDocument>[] = [];
    for (const some of marked) {
      const { _id, wanted } = some;
      const own = { _id, tenant: tenantKey(tenant) };
      // Without attributes figures are of no use: publishing one makes them anew.
      const counted =
        active.length > 0 ? await this.countOne(some, events.get(_id) ?? [], incremental, breaks) : undefined;
      if (!counted) {
        operations.push({ deleteOne: { filter: { ...own, wanted } } });
        continue;
      }
      failed += counted.failed?.length ?? 0;
      operations.push({
        updateOne: { filter: { ...own, computed: { $lt: wanted } }, update: answered(wanted, counted) },
      });
    }
    await unorderedBulk(this.figures, operations);
    return { counted: marked.length, failed, xids: new Set(marked.flatMap(({ xids }) => xids)) };
  }

  /** @returns undefined where there are no events. */
  private async countOne(
    { dirtyHours, parts }: Wanted,
    events: readonly CountedEvent[],
    attributes: readonly CountedAttribute[],
    breaks: Breaks,
  ): Promise<Counted | undefined> {
    const isPartial = parts !== undefined && dirtyHours !== undefined;
    if (!isPartial && events.length <= this.mostAtOnce) {
      return events.length > 0 ? count(events, attributes, breaks) : undefined;
    }
    const hours = new Map(Object.entries(isPartial ? parts : {}));
    const changed = Map.groupBy(events, ({ time }) => hourOf(time));
    for (const hour of isPartial ? dirtyHours : changed.keys()) {
      const some = changed.get(hour);
      if (some) hours.set(String(hour), await count(some, attributes, breaks));
      else hours.delete(String(hour));
    }
    if (hours.size === 0) return undefined;
    return { ...joinedHours([...hours.values()], attributes), parts: Object.fromEntries(hours) };
  }

  /** Of what is kept by the hour those of hours that changed, otherwise those of the day. */
  private async eventsOf(tenant: Tenant, marked: readonly Wanted[]): Promise<Map<string, CountedEvent[]>> {
    const spans = marked.flatMap(({ xids: [xid = ''], day, parts, dirtyHours }) =>
      // Any one of the identities finds the events that carry all of them.
      parts && dirtyHours
        ? dirtyHours.map((hour) => ({ xid, interval: spanOf({ day, hour }) }))
        : [{ xid, interval: spanOf({ day }) }],
    );
    const bySpan = Map.groupBy(spans, ({ interval: { from, to } }) => `${from} ${to}`);
    const wanted = [...bySpan.values()].map((some) => ({
      xids: some.map(({ xid }) => xid),
      interval: (some[0] as (typeof spans)[number]).interval,
    }));
    const ids = new Set(marked.map(({ _id }) => _id));
    const events = await this.events.find(tenant, wanted);
    const grouped = Map.groupBy(events, (event) => figuresId(tenant, figuresKeyOf(event)));
    return new Map([...grouped].filter(([id]) => ids.has(id)));
  }
}

async function count(
  events: readonly CountedEvent[],
  active: readonly CountedAttribute[],
  breaks: Breaks,
): Promise<CountedFigures> {
  const summaries: Record<string, string> = {};
  const silent: string[] = [];
  const failed: string[] = [];
  for (const { attribute, program } of active) {
    try {
      const summary = program.summarise(events);
      if (summary === program.summarise([])) silent.push(attribute.countedAs);
      else summaries[attribute.countedAs] = summary;
    } catch (error) {
      if (!(error instanceof PqlLimitError)) throw error;
      failed.push(attribute.countedAs);
    }
    await breaks.giveWay();
  }
  const batches = [...new Set(events.flatMap(({ batchId }) => batchId ?? []))];
  const times = events.map(({ time }) => time);
  const expiries = events.flatMap(({ expireAt }) => expireAt?.getTime() ?? []);
  return {
    first: times.reduce((least, time) => Math.min(least, time), Infinity),
    last: times.reduce((most, time) => Math.max(most, time), -Infinity),
    minutes: [...new Set(times.map((time) => Math.floor(time / MINUTE) * MINUTE))],
    ...(batches.length > 0 && { batches }),
    ...(expiries.length > 0 && { expires: expiries.reduce((least, time) => Math.min(least, time), Infinity) }),
    summaries,
    ...(silent.length > 0 && { silent }),
    ...(failed.length > 0 && { failed }),
  };
}

/** Replaces what was counted before; the figures stay marked when they were marked again meanwhile. */
function answered(wanted: number, counted: Counted) {
  const kept = { _id: 1, tenant: 1, datasetId: 1, xids: 1, day: 1, wanted: 1 } as const;
  const fields = Object.keys(kept).map((name): [string, string] => [name, `$${name}`]);
  const dirty = { $cond: [{ $eq: ['$wanted', wanted] }, '$$REMOVE', true] };
  // What was marked meanwhile is among the hours; those that were counted are counted once more.
  const dirtyHours = { $cond: [{ $eq: ['$wanted', wanted] }, '$$REMOVE', '$dirtyHours'] };
  const result: Document = { ...Object.fromEntries(fields), computed: wanted, dirty, dirtyHours };
  return [{ $replaceWith: { $mergeObjects: [result, { $literal: counted }] } }];
}
