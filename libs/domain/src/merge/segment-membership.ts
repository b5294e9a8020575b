import type { JsonValue } from '@tessera/contracts';
import { parseTimestamp } from '../record/timestamp.js';
import { isJsonObject } from './canonical-json.js';
import { fold, type FieldTree, type Leaf } from './field-tree.js';
import type { Layer } from './rank.js';

/** What one candidate says about one segment. */
export interface SegmentEntry {
  /** Its `lastQualificationTime` in epoch ms; `-Infinity` where there is none that can be read. */
  readonly qualified: number;
  readonly value: FieldTree | Leaf;
}

/**
 * The segment memberships of all candidates as one (spec 05-merge-policies, "Exceptions"): per segment, the entry with
 * the latest `lastQualificationTime`, taken whole; the better-ranked candidate's where two are equally late.
 *
 * @param candidates best first.
 */
export function uniteSegmentMemberships(candidates: readonly Layer[]): FieldTree | undefined {
  const latest = new Map<string, Map<string, SegmentEntry>>();
  for (const candidate of candidates) {
    forEachSegment(candidate, (namespace, segment, entry) => {
      let entries = latest.get(namespace);
      if (entries === undefined) latest.set(namespace, (entries = new Map<string, SegmentEntry>()));
      const current = entries.get(segment);
      if (current === undefined || entry.qualified > current.qualified) entries.set(segment, entry);
    });
  }
  if (latest.size === 0) return undefined;
  const united: FieldTree = new Map();
  for (const [namespace, entries] of latest) {
    const segments: FieldTree = new Map();
    for (const [segment, { value }] of entries) segments.set(segment, value);
    united.set(namespace, segments);
  }
  return united;
}

/** Calls `visit` for every segment that the candidate has an entry for; entries without a value do not count. */
export function forEachSegment(
  candidate: Layer,
  visit: (namespace: string, segment: string, entry: SegmentEntry) => void,
): void {
  const namespaces = candidate.body['segmentMembership'];
  if (!isJsonObject(namespaces)) return;
  for (const namespace of Object.keys(namespaces)) {
    const segments = namespaces[namespace];
    if (!isJsonObject(segments)) continue;
    for (const segment of Object.keys(segments)) {
      const entry = entryOf(segments[segment] as JsonValue);
      if (entry !== undefined) visit(namespace, segment, entry);
    }
  }
}

function entryOf(value: JsonValue): SegmentEntry | undefined {
  if (!isJsonObject(value)) return value === null ? undefined : { qualified: -Infinity, value };
  const fields: FieldTree = new Map();
  fold(fields, value);
  return fields.size === 0 ? undefined : { qualified: timeOf(fields.get('lastQualificationTime')), value: fields };
}

function timeOf(time: FieldTree | Leaf | undefined): number {
  if (typeof time === 'number') return time;
  return (typeof time === 'string' ? parseTimestamp(time) : undefined) ?? -Infinity;
}
