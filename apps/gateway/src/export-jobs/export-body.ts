import type { JsonObject } from '@tessera/contracts';
import { parseTimestamp, type ExportOrder, type PeopleWanted, type SegmentWanted } from '@tessera/domain';

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

/** Reads what a body wants. */
export function wishOf({ fields, filter, additionalFields, emptyProfiles = false }: ExportBody): ExportWish {
  const eventList = additionalFields?.eventList;
  const acceptedAfter = timeOf(eventList?.filter?.fromIngestTimestamp);
  return {
    ...(fields !== undefined && { fields }),
    ...(eventList && {
      events: {
        ...(eventList.fields !== undefined && { fields: eventList.fields }),
        ...(acceptedAfter !== undefined && { acceptedAfter }),
      },
    }),
    people: peopleOf(filter),
    emptyProfiles,
  };
}

function peopleOf(filter: ExportBody['filter']): PeopleWanted {
  const { startTime, endTime } = filter?.segmentQualificationTime ?? {};
  const qualifiedFrom = timeOf(startTime);
  const qualifiedBefore = timeOf(endTime);
  const acceptedAfter = timeOf(filter?.fromIngestTimestamp);
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

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseTimestamp(text);
}

/** What answers show of a body again. */
export function shownOf({ fields, filter, additionalFields, schema, destination }: ExportBody): JsonObject {
  const { segmentPerBatch = false } = destination;
  return JSON.parse(
    JSON.stringify({ fields, filter, additionalFields, schema: { name: schema.name }, segmentPerBatch }),
  ) as JsonObject;
}
