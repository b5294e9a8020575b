import type { JsonObject, JsonValue } from '@tessera/contracts';
import { check } from '../check/check.js';
import { jsonSchema, types, xdmType } from '../check/type.js';
import { Budget, defaultLimits, type Limits } from '../evaluate/budget.js';
import { Evaluation } from '../evaluate/evaluate.js';
import { always, contains, intersection, type Interval } from '../evaluate/occurrence.js';
import { Instant, toJson, type Fields, type Value } from '../evaluate/value.js';
import type { Expression } from '../syntax/expression.js';
import { parse } from '../syntax/parse.js';
import { anyPart } from '../syntax/parts.js';
import { decodePartial, encodePartial } from './encoding.js';
import { mergeFunctionOf, type MergeFunction } from './merge-function.js';
import { joined, nothing, partialOf, valueOf, type Partial } from './partial.js';
import { leafElements } from './leaf-elements.js';
import { leafName, split, type Split } from './split.js';
import { steadyUntil } from './steadiness.js';

/** An event of a person, with its place in their order: by time, then event id, then dataset id. */
export interface PersonEvent {
  /** Epoch ms. */
  readonly time: number;
  readonly eventId: string;
  readonly datasetId: string;
  readonly body: JsonObject;
}

/** What a value is asked for with, besides events. */
export interface Asking {
  /** Epoch ms. */
  readonly now: number;
  readonly profile?: JsonObject;
}

/** What is known of each aggregate of a program from some events, as text to be stored. */
export type Summary = string;

/**
 * An expression over a person's events, ready to be evaluated: over all events at once, or, when it is `incremental`,
 * from summaries of groups of them. Both give the same value.
 */
export class PqlProgram {
  private readonly parts: Split | undefined;
  /** The value's type as XDM names it. */
  readonly xdmType: string;
  /** The value's type as JSON Schema. */
  readonly valueSchema: JsonObject;
  readonly mergeFunction: MergeFunction;
  /** Whether the person's attributes matter. */
  readonly readsProfile: boolean;

  /** @throws PqlError with every fault, when the text is no expression that means something. */
  constructor(
    text: string,
    private readonly limits: Limits = defaultLimits,
  ) {
    this.expression = parse(text);
    const type = check(this.expression);
    this.mergeFunction = mergeFunctionOf(this.expression);
    const isExtreme = ['MIN', 'MAX'].includes(this.mergeFunction);
    this.xdmType = xdmType(type, isExtreme ? 'double' : 'string');
    this.valueSchema = jsonSchema(isExtreme && type.kind === 'any' ? types.number : type);
    this.parts = split(this.expression);
    this.readsProfile = readsProfile(this.parts?.rest ?? this.expression);
  }

  private readonly expression: Expression;

  /** Whether summaries of groups of events suffice. */
  get incremental(): boolean {
    return this.parts !== undefined;
  }

  /**
   * Until when (epoch ms) the value stays what it is while nothing but time passes, leaving aside what events its
   * {@link intervals} hold; infinite where the date does not matter otherwise.
   */
  steadyUntil(now: number): number {
    return steadyUntil(this.parts?.rest ?? this.expression, now);
  }

  /** For each aggregate the stretch of time from which it takes events, at the time of asking. */
  intervals(now: number): readonly Interval[] {
    const evaluation = this.evaluation([], { now });
    return (this.parts?.leaves ?? []).map(({ stream }) =>
      stream.occurrences.map((occurrence) => evaluation.interval(occurrence).interval).reduce(intersection, always),
    );
  }

  /**
   * What some events say about each aggregate.
   *
   * @param events in any order.
   * @param intervals for each aggregate when events have to be; all of them where there are none.
   * @throws PqlLimitError when the expression takes too much for these events.
   */
  summarise(events: readonly PersonEvent[], intervals: readonly Interval[] = []): Summary {
    const evaluation = this.evaluation([], { now: 0 });
    const ordered = events.toSorted(byPlace).map((event) => ({ ...event, value: asValue(event) }));
    const partials = (this.parts?.leaves ?? []).map((leaf, index) => {
      const interval = intervals[index] ?? always;
      const elements = leafElements(
        leaf,
        ordered.filter(({ time }) => contains(interval, time)),
        evaluation,
      );
      return withResults(partialOf(leaf.aggregate, elements, evaluation.budget), leaf, evaluation);
    });
    return JSON.stringify(partials.map(encodePartial));
  }

  /** What disjoint groups of events say together. @throws PqlLimitError when it takes too much. */
  join(summaries: readonly Summary[]): Summary {
    const { budget } = this.evaluation([], { now: 0 });
    const known = summaries.map((summary) => (JSON.parse(summary) as JsonValue[]).map(decodePartial));
    const partials = (this.parts?.leaves ?? []).map(({ aggregate }, index) =>
      joined(
        aggregate,
        known.map((partials) => partials[index] ?? nothing),
        budget,
      ),
    );
    return JSON.stringify(partials.map(encodePartial));
  }

  /**
   * The value from summaries of disjoint groups of events.
   *
   * @param summaries each with which of its aggregates count (all when absent).
   * @throws PqlLimitError when it takes too much.
   */
  combine(
    summaries: readonly { readonly summary: Summary; readonly counts?: readonly boolean[] }[],
    asking: Asking,
  ): JsonValue {
    if (!this.parts) throw new Error('this expression has no summaries');
    const evaluation = this.evaluation([], asking);
    const known = summaries.map(({ summary, counts }) => ({
      partials: (JSON.parse(summary) as JsonValue[]).map(decodePartial),
      counts,
    }));
    const { leaves, rest } = this.parts;
    const values = leaves.map(({ aggregate }, index): readonly [string, Value] => {
      const relevant = known.flatMap(({ partials, counts }): Partial[] =>
        counts?.[index] === false ? [] : [partials[index] ?? nothing],
      );
      return [leafName(index), valueOf(aggregate, joined(aggregate, relevant, evaluation.budget))];
    });
    return toJson(evaluation.evaluate(rest, evaluation.outermostWith(values)), evaluation.budget);
  }

  /**
   * The value over all events at once.
   *
   * @param events in any order.
   * @throws PqlLimitError when it takes too much.
   */
  evaluate(events: readonly PersonEvent[], asking: Asking): JsonValue {
    const evaluation = this.evaluation(events.toSorted(byPlace).map(asValue), asking);
    return toJson(evaluation.evaluate(this.expression), evaluation.budget);
  }

  private evaluation(events: readonly Value[], { now, profile = {} }: Asking): Evaluation {
    return new Evaluation({ events, profile, now, budget: new Budget(this.limits) });
  }
}

function withResults(partial: Partial, { aggregate }: Split['leaves'][number], evaluation: Evaluation): Partial {
  if (!('then' in aggregate) || aggregate.then.length === 0) return partial;
  const result = (value: Value) => aggregate.then.reduce((of, each) => evaluation.each(each, of), value);
  return { ...partial, elements: partial.elements.map((element) => ({ ...element, value: result(element.value) })) };
}

function byPlace(left: PersonEvent, right: PersonEvent): number {
  if (left.time !== right.time) return left.time - right.time;
  if (left.eventId !== right.eventId) return left.eventId < right.eventId ? -1 : 1;
  return left.datasetId < right.datasetId ? -1 : left.datasetId > right.datasetId ? 1 : 0;
}

/** As the expression sees it: its timestamp is a time. */
function asValue({ time, body }: PersonEvent): Fields {
  return { ...body, timestamp: new Instant(time) };
}

/** Whether plain names outside of any element mean the person's attributes; errs on the side of yes. */
function readsProfile(expression: Expression): boolean {
  return anyPart(expression, ({ kind, ...part }) => {
    if (kind === 'this') return true;
    return kind === 'name' && 'name' in part && part.name !== 'xEvent' && !part.name.startsWith('#');
  });
}
