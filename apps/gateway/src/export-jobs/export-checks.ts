import type { Fault, JsonValue } from '@tessera/contracts';
import { isJsonObject, parseTimestamp } from '@tessera/domain';
import { furtherCheck } from '@tessera/http';

/** Checks of an export's body beyond what its schema can say (spec 07-export-jobs). */

export const instantCheck = furtherCheck('instant', (value) => {
  if (typeof value !== 'string' || parseTimestamp(value) !== undefined) return [];
  return [{ path: '', message: 'must be an ISO 8601 date-time, such as 2026-01-02T03:04:05Z' }];
});

/** What the parts of a body need of one another. */
export const exportCheck = furtherCheck('export', (body) => {
  const filter = part(body, 'filter');
  const qualified = part(filter, 'segmentQualificationTime');
  const hasSegments = part(filter, 'segments') !== undefined;
  const within = '/filter/segmentQualificationTime';
  const faults: Fault[] = [];
  if (part(part(body, 'destination'), 'segmentPerBatch') === true && !hasSegments) {
    faults.push({
      path: '/destination/segmentPerBatch',
      message: 'needs filter.segments, whose batches these would be',
    });
  }
  if (qualified !== undefined && !hasSegments) {
    faults.push({ path: within, message: 'needs filter.segments, for which people qualified' });
  }
  const [from, before] = [timeOf(part(qualified, 'startTime')), timeOf(part(qualified, 'endTime'))];
  if (from !== undefined && before !== undefined && from >= before) {
    faults.push({ path: `${within}/endTime`, message: 'must be later than startTime' });
  }
  return faults;
});

/** A field of what may be no object, or not have it. */
function part(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

function timeOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'string' ? parseTimestamp(value) : undefined;
}
