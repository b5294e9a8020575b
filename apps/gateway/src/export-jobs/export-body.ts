import type { Fault, JsonObject } from '@tessera/contracts';
import {
  parseSelector,
  parseTimestamp,
  SelectorError,
  type ExportOrder,
  type PeopleWanted,
  type SegmentWanted,
} from '@tessera/domain';
import { problem } from '@tessera/http';

/** What a client asks for; the body matches `exportBodySchema`. */
export interface ExportBody {
  readonly fields?: string;
  readonly mergePolicy?: { readonly id: string; readonly version?: number };
  readonly additionalFields?: {
    readonly eventList?: { readonly fields?: string; readonly filter?: { readonly fromIngestTimestamp?: string } };
  };
  readonly filter?: {
    readonly segments?: readonly SegmentWanted[];
    readonly segmentQualificationTime?: { readonly startTime?: string; readonly endTime?: string };
    readonly fromIngestTimestamp?: string;
  };
  readonly destination: { readonly datasetId: string; readonly segmentPerBatch?: boolean };
  readonly schema: { readonly name: string };
  readonly emptyProfiles?: boolean;
}

/** What a body wants, read. */
export type ExportWish = Pick<ExportOrder, 'fields' | 'events' | 'people' | 'emptyProfiles'>;

/** Reads what a body wants, as far as it can be told without looking anything up; adds what is wrong with it to `faults`. */
export function wishOf(body: ExportBody, faults: Fault[]): ExportWish {
  const { fields, filter, additionalFields, destination, emptyProfiles = false } = body;
  const eventList = additionalFields?.eventList;
  checkSelector(fields, '/fields', faults);
  checkSelector(eventList?.fields, '/additionalFields/eventList/fields', faults);
  if (destination.segmentPerBatch && filter?.segments === undefined) {
    faults.push({
      path: '/destination/segmentPerBatch',
      message: 'needs filter.segments, whose batches these would be',
    });
  }
  const path = '/additionalFields/eventList/filter/fromIngestTimestamp';
  const acceptedAfter = timeOf(eventList?.filter?.fromIngestTimestamp, path, faults);
  return {
    ...(fields !== undefined && { fields }),
    ...(eventList && {
      events: {
        ...(eventList.fields !== undefined && { fields: eventList.fields }),
        ...(acceptedAfter !== undefined && { acceptedAfter }),
      },
    }),
    people: peopleOf(filter, faults),
    emptyProfiles,
  };
}

function peopleOf(filter: ExportBody['filter'], faults: Fault[]): PeopleWanted {
  const { startTime, endTime } = filter?.segmentQualificationTime ?? {};
  const within = '/filter/segmentQualificationTime';
  const qualifiedFrom = timeOf(startTime, `${within}/startTime`, faults);
  const qualifiedBefore = timeOf(endTime, `${within}/endTime`, faults);
  const acceptedAfter = timeOf(filter?.fromIngestTimestamp, '/filter/fromIngestTimestamp', faults);
  if (filter?.segmentQualificationTime !== undefined && filter.segments === undefined) {
    faults.push({ path: within, message: 'needs filter.segments, for which people qualified' });
  }
  if (qualifiedFrom !== undefined && qualifiedBefore !== undefined && qualifiedFrom >= qualifiedBefore) {
    faults.push({ path: `${within}/endTime`, message: 'must be later than startTime' });
  }
  return {
    ...(filter?.segments && { segments: filter.segments.map(segmentOf) }),
    ...(qualifiedFrom !== undefined && { qualifiedFrom }),
    ...(qualifiedBefore !== undefined && { qualifiedBefore }),
    ...(acceptedAfter !== undefined && { acceptedAfter }),
  };
}

function segmentOf({ segmentId, segmentNs, status }: SegmentWanted): SegmentWanted {
  return { segmentId, ...(segmentNs !== undefined && { segmentNs }), ...(status && { status }) };
}

function timeOf(text: string | undefined, path: string, faults: Fault[]): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTimestamp(text);
  if (time === undefined) faults.push({ path, message: 'must be an ISO 8601 date-time, such as 2026-01-02T03:04:05Z' });
  return time;
}

function checkSelector(fields: string | undefined, path: string, faults: Fault[]): void {
  if (fields === undefined) return;
  try {
    parseSelector(fields);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    faults.push({ path, message: error.message });
  }
}

/** What answers show of a body again. */
export function shownOf({ fields, filter, additionalFields, schema, destination }: ExportBody): JsonObject {
  const { segmentPerBatch = false } = destination;
  return JSON.parse(
    JSON.stringify({ fields, filter, additionalFields, schema: { name: schema.name }, segmentPerBatch }),
  ) as JsonObject;
}

/** @throws ProblemError `invalid-body` where there are faults. */
export function refuse(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  throw problem('invalid-body', { detail: 'The export cannot be made; errors lists every fault.', errors: faults });
}
