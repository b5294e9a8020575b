import type { JsonObject, JsonValue } from '@tessera/contracts';
import {
  contains,
  intersection,
  lookbackInterval,
  PqlLimitError,
  type Interval,
  type PersonEvent,
  type PqlProgram,
  type Summary,
} from '@tessera/pql';
import type { ComputedAttribute } from './computed-attribute.js';
import { DAY, HOUR, type FiguresDocument } from './figures-document.js';
import type { SeenEvents } from './seen-events.js';

export type Figures = Omit<FiguresDocument, 'tenant' | 'wanted' | 'computed' | 'minutes' | 'parts' | 'dirtyHours'> & {
  /** Of the day; the whole of it where it is absent. */
  readonly hour?: number;
};

/** An attribute at the time of asking. */
export interface AskedAttribute {
  readonly attribute: ComputedAttribute;
  readonly program: PqlProgram;
  readonly window: Interval;
  /** For each of its aggregates the stretch of time from which it takes events. */
  readonly intervals: readonly Interval[];
}

export function asked(attribute: ComputedAttribute, program: PqlProgram, now: number): AskedAttribute {
  const window = lookbackInterval(attribute.duration, now);
  const intervals = program.intervals(now).map((interval) => intersection(interval, window));
  return { attribute, program, window, intervals };
}

/** Whether an attribute can take figures as they are, has nothing to do with them, or needs the events behind them. */
export function useOf(
  figures: Figures,
  { attribute: { countedAs }, window, intervals }: AskedAttribute,
  seen: SeenEvents,
): 'figures' | 'nothing' | 'events' {
  const { first, last } = figures;
  const span = spanOf(figures);
  if (span.to <= window.from || span.from >= window.to) return 'nothing';
  if (first === undefined || last === undefined || isUncertain(figures, seen)) return 'events';
  if (figures.silent?.includes(countedAs)) return 'nothing';
  if (!figures.failed?.includes(countedAs) && figures.summaries?.[countedAs] === undefined) return 'events';
  const cut = intervals.some((interval) => overlaps(interval, first, last) && !spans(interval, first, last));
  return cut ? 'events' : 'figures';
}

/** The stretch of time whose events figures are about. */
export function spanOf({ day, hour }: Pick<Figures, 'day' | 'hour'>): Interval {
  return hour === undefined ? { from: day, to: day + DAY } : { from: day + hour * HOUR, to: day + (hour + 1) * HOUR };
}

/** Whether the events may be others than those that were counted, or not all of them are to be seen. */
export function isUncertain(figures: Figures, { now, keptFor, hidden, gone }: SeenEvents): boolean {
  const { dirty, first = 0, expires = Infinity, batches = [], datasetId } = figures;
  if (gone?.concerns(figures)) return true;
  if (dirty || expires <= now || first <= now - (keptFor.get(datasetId) ?? Infinity)) return true;
  return hidden.length > 0 && batches.some((batch) => hidden.includes(batch));
}

function overlaps({ from, to }: Interval, first: number, last: number): boolean {
  return from <= last && first < to;
}

function spans(interval: Interval, first: number, last: number): boolean {
  return contains(interval, first) && contains(interval, last);
}

/** A person's part of what was read. */
export interface PersonFigures {
  readonly figures: readonly Figures[];
  /** The events behind figures, by their id, where some attribute needs them. */
  readonly events: ReadonlyMap<string, readonly PersonEvent[]>;
  /** The events of the longest window of attributes that are not incremental; undefined when they are too many. */
  readonly whole: readonly PersonEvent[] | undefined;
  readonly profile: JsonObject;
}

/**
 * The value of an attribute for a person.
 *
 * @returns undefined where it has none: nothing to be said, or too much work.
 */
export function valueFor(
  asked: AskedAttribute,
  { figures, events, whole, profile }: PersonFigures,
  seen: SeenEvents,
): JsonValue | undefined {
  const { attribute, program, window, intervals } = asked;
  const asking = { now: seen.now, profile };
  try {
    if (!program.incremental) {
      const within = whole?.filter(({ time }) => contains(window, time));
      return within && (program.evaluate(within, asking) ?? undefined);
    }
    const summaries: { summary: Summary; counts?: readonly boolean[] }[] = [];
    for (const some of figures) {
      const use = useOf(some, asked, seen);
      if (use === 'events') summaries.push({ summary: program.summarise(events.get(some._id) ?? [], intervals) });
      const { first = 0, last = 0 } = some;
      if (use !== 'figures') continue;
      const counts = intervals.map((interval) => overlaps(interval, first, last));
      if (!counts.includes(true)) continue;
      const summary = some.summaries?.[attribute.countedAs];
      if (summary === undefined) return undefined;
      summaries.push({ summary, counts });
    }
    return program.combine(summaries, asking) ?? undefined;
  } catch (error) {
    if (error instanceof PqlLimitError) return undefined;
    throw error;
  }
}
