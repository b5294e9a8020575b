import type { Evaluation } from '../evaluate/evaluate.js';
import { fieldOf, isArray, type Value } from '../evaluate/value.js';
import type { Element } from './partial.js';
import type { Leaf } from './split.js';
import type { Stage } from './stream.js';

interface OrderedEvent {
  readonly time: number;
  readonly eventId: string;
  readonly datasetId: string;
  readonly value: Value;
}

/** What a leaf aggregates, of events in their order. */
export function leafElements(
  { stream, aggregate }: Leaf,
  events: readonly OrderedEvent[],
  evaluation: Evaluation,
): Element[] {
  return events.flatMap(({ time, eventId, datasetId, value: event }) => {
    const values = stream.stages.reduce<readonly Value[]>((of, stage) => after(stage, of, evaluation), [event]);
    return values.map((value, index): Element => {
      const key = 'key' in aggregate ? evaluation.each(aggregate.key, value) : null;
      return { order: [time, eventId, datasetId, index], value, key };
    });
  });
}

function after(stage: Stage, values: readonly Value[], evaluation: Evaluation): readonly Value[] {
  switch (stage.kind) {
    case 'filter':
      return values.filter((value) => evaluation.holds(stage.condition, value, stage.variable));
    case 'map':
      return values.map((value) => evaluation.each(stage.each, value));
    case 'field': {
      const fields = fieldOf(values, stage.name, evaluation.budget);
      return isArray(fields) ? fields : [];
    }
  }
}
