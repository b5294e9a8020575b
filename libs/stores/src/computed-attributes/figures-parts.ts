import { PqlLimitError, type PqlProgram } from '@tessera/pql';
import type { ComputedAttribute } from './computed-attribute.js';
import type { CountedFigures, FiguresDocument } from './figures-document.js';
import type { Figures } from './person-values.js';

/** An attribute with what counts events for it. */
export interface CountedAttribute {
  readonly attribute: Pick<ComputedAttribute, 'countedAs'>;
  readonly program: PqlProgram;
}

/** Figures of one day as they are read. */
export type ReadFigures = Figures & Pick<FiguresDocument, 'parts' | 'dirtyHours'>;

/** Figures of a day by the hour, those that are marked and not counted yet included; of a day that is not kept so the whole. */
export function byHour({ parts, dirtyHours, dirty, ...whole }: ReadFigures): readonly Figures[] {
  if (!parts || (dirty && !dirtyHours)) return [{ ...whole, ...(dirty && { dirty }) }];
  const marked = new Set(dirty ? dirtyHours : []);
  const { _id, datasetId, xids, day } = whole;
  return [...new Set([...Object.keys(parts).map(Number), ...marked])].map((hour) => ({
    ...parts[String(hour)],
    ...(marked.has(hour) && { dirty: true }),
    _id: hourId(_id, hour),
    datasetId,
    xids,
    day,
    hour,
  }));
}

/** Tells the figures of an hour apart from those of others. */
export function hourId(id: string, hour: number): string {
  return `${id}/${hour}`;
}

/** What the hours of a day say together. */
export function joinedHours(hours: readonly CountedFigures[], attributes: readonly CountedAttribute[]): CountedFigures {
  const summaries: Record<string, string> = {};
  const silent: string[] = [];
  const failed: string[] = [];
  for (const { attribute, program } of attributes) {
    const { countedAs } = attribute;
    if (hours.some((hour) => hour.failed?.includes(countedAs))) {
      failed.push(countedAs);
      continue;
    }
    const telling = hours.filter((hour) => !hour.silent?.includes(countedAs));
    const known = telling.flatMap((hour) => hour.summaries[countedAs] ?? []);
    // An hour that was counted before the attribute was there: readers count its events themselves.
    if (known.length < telling.length) continue;
    if (known.length === 0) silent.push(countedAs);
    else if (known.length === 1) Object.assign(summaries, { [countedAs]: known[0] });
    else {
      try {
        summaries[countedAs] = program.join(known);
      } catch (error) {
        if (!(error instanceof PqlLimitError)) throw error;
        failed.push(countedAs);
      }
    }
  }
  const batches = [...new Set(hours.flatMap((hour) => hour.batches ?? []))];
  const expiries = hours.flatMap((hour) => hour.expires ?? []);
  return {
    first: Math.min(...hours.map(({ first }) => first)),
    last: Math.max(...hours.map(({ last }) => last)),
    minutes: hours.flatMap(({ minutes }) => minutes),
    ...(batches.length > 0 && { batches }),
    ...(expiries.length > 0 && { expires: Math.min(...expiries) }),
    summaries,
    ...(silent.length > 0 && { silent }),
    ...(failed.length > 0 && { failed }),
  };
}
