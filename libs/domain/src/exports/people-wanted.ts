import type { JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from '../merge/canonical-json.js';
import { parseTimestamp } from '../record/timestamp.js';
import type { PeopleWanted, SegmentWanted } from './export-order.js';

/** What somebody is who is in a segment, where an export does not say otherwise. */
const IN_SEGMENT: readonly string[] = ['realized', 'existing'];

/**
 * Whether a merged profile is of somebody in a wanted segment (spec 07-export-jobs, `filter`): in its wanted status, and
 * qualified in the wanted time.
 */
export function isInSegments(
  profile: JsonObject,
  { segments, qualifiedFrom = -Infinity, qualifiedBefore = Infinity }: PeopleWanted,
): boolean {
  if (segments === undefined) return true;
  const isBounded = qualifiedFrom > -Infinity || qualifiedBefore < Infinity;
  return segments.some((segment) =>
    membershipsOf(profile, segment).some(({ status, lastQualificationTime }) => {
      if (!(segment.status ?? IN_SEGMENT).some((wanted) => wanted === status)) return false;
      if (!isBounded) return true;
      const qualified = timeOf(lastQualificationTime);
      return qualified !== undefined && qualified >= qualifiedFrom && qualified < qualifiedBefore;
    }),
  );
}

function membershipsOf(profile: JsonObject, { segmentId, segmentNs }: SegmentWanted): JsonObject[] {
  const namespaces = profile['segmentMembership'];
  if (!isJsonObject(namespaces)) return [];
  const names = segmentNs === undefined ? Object.keys(namespaces) : [segmentNs];
  return names.map((name) => own(own(namespaces, name), segmentId)).filter(isJsonObject);
}

function own(object: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

function timeOf(time: JsonValue | undefined): number | undefined {
  if (typeof time === 'number') return time;
  return typeof time === 'string' ? parseTimestamp(time) : undefined;
}
