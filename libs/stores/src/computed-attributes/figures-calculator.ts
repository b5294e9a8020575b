import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { PqlLimitError, type PqlProgram } from '@tessera/pql';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { inSlices } from '../slices.js';
import type { AttributePrograms } from './attribute-programs.js';
import type { ComputedAttribute } from './computed-attribute.js';
import type { ComputedAttributeStore } from './computed-attribute-store.js';
import { CountedEvents, type CountedEvent } from './counted-events.js';
import { Breaks } from './breaks.js';
import { DAY, figuresId, figuresKeyOf, type FiguresDocument } from './figures-document.js';

type Wanted = Pick<FiguresDocument, '_id' | 'xids' | 'day' | 'wanted'>;
/** What is counted from the events of one key. */
type Counted = Required<Pick<FiguresDocument, 'first' | 'last' | 'minutes'>> &
  Pick<FiguresDocument, 'batches' | 'expires' | 'summaries' | 'silent' | 'failed'>;

/** Figures counted at once. */
const SLICE = 500;
const MINUTE = 60_000;

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
 */
export class FiguresCalculator {
  private readonly figures: Collection<FiguresDocument>;
  private readonly events: CountedEvents;

  constructor(
    database: Database,
    private readonly attributes: Pick<ComputedAttributeStore, 'active'>,
    private readonly programs: AttributePrograms,
  ) {
    this.figures = database.collection('computed_figures');
    this.events = new CountedEvents(database);
  }

  /** @throws UnavailableError; nothing is lost by calling again. */
  async calculate(tenant: Tenant, ids: readonly string[]): Promise<CalculationDone> {
    const results = await inSlices(ids, async (some) => [await this.calculateSome(tenant, some)], SLICE);
    return {
      counted: results.reduce((sum, { counted }) => sum + counted, 0),
      failed: results.reduce((sum, { failed }) => sum + failed, 0),
      xids: new Set(results.flatMap(({ xids }) => [...xids])),
    };
  }

  private async calculateSome(tenant: Tenant, ids: readonly string[]): Promise<CalculationDone> {
    const projection = { xids: 1, day: 1, wanted: 1 };
    const filter = { _id: { $in: [...ids] }, tenant: tenantKey(tenant) };
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
    for (const { _id, wanted } of marked) {
      const some = events.get(_id);
      const own = { _id, tenant: tenantKey(tenant) };
      // Without attributes figures are of no use: publishing one makes them anew.
      if (!some || active.length === 0) {
        operations.push({ deleteOne: { filter: { ...own, wanted } } });
        continue;
      }
      const counted = await count(some, incremental, breaks);
      failed += counted.failed?.length ?? 0;
      operations.push({
        updateOne: { filter: { ...own, computed: { $lt: wanted } }, update: answered(wanted, counted) },
      });
    }
    await unorderedBulk(this.figures, operations);
    return { counted: marked.length, failed, xids: new Set(marked.flatMap(({ xids }) => xids)) };
  }

  private async eventsOf(tenant: Tenant, marked: readonly Wanted[]): Promise<Map<string, CountedEvent[]>> {
    const byDay = Map.groupBy(marked, ({ day }) => day);
    const wanted = [...byDay].map(([day, some]) => ({
      // Any one of the identities finds the events that carry all of them.
      xids: some.map(({ xids }) => xids[0] ?? ''),
      interval: { from: day, to: day + DAY },
    }));
    const ids = new Set(marked.map(({ _id }) => _id));
    const events = await this.events.find(tenant, wanted);
    const grouped = Map.groupBy(events, (event) => figuresId(tenant, figuresKeyOf(event)));
    return new Map([...grouped].filter(([id]) => ids.has(id)));
  }
}

async function count(
  events: readonly CountedEvent[],
  active: readonly { readonly attribute: ComputedAttribute; readonly program: PqlProgram }[],
  breaks: Breaks,
): Promise<Counted> {
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
  const result: Document = { ...Object.fromEntries(fields), computed: wanted, dirty };
  return [{ $replaceWith: { $mergeObjects: [result, { $literal: counted }] } }];
}
