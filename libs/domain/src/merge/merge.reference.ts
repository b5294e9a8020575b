import type { JsonObject, JsonValue } from '@tessera/contracts';
import type { Fragment } from './fragment.js';
import type { AttributeMerge } from './merge-policy.js';

/*
 * The merge rules of spec 05-merge-policies once more, as plainly as they can be said and with nothing shared with the
 * merge itself: list every leaf of every fragment, sort the list, keep each that nothing kept excludes. For tests.
 */

interface ReferenceLeaf {
  readonly names: readonly string[];
  readonly value: JsonValue;
  readonly fragment: Fragment;
  readonly version: string;
}

/** What {@link mergeFragments} should give as its entity. */
export function referenceMerge(fragments: readonly Fragment[], policy: AttributeMerge): JsonObject {
  const candidates = fragments.filter((fragment) => policy.type === 'timestampOrdered' || place(fragment, policy) >= 0);
  const better = (a: Ranked, b: Ranked): number =>
    place(a.fragment, policy) - place(b.fragment, policy) ||
    order(b.version, a.version) ||
    order(b.fragment.datasetId, a.fragment.datasetId) ||
    order(b.fragment.xid, a.fragment.xid);

  const kept: ReferenceLeaf[] = [];
  for (const leaf of candidates.flatMap(leavesOf).sort(better)) {
    if (leaf.names[0] === 'identityMap' || leaf.names[0] === 'segmentMembership') continue;
    if (!kept.some((other) => startsWith(other.names, leaf.names) || startsWith(leaf.names, other.names)))
      kept.push(leaf);
  }
  const whole = candidates.map((fragment) => ({ fragment, version: fragment.version })).sort(better);
  const best = whole.map(({ fragment }) => fragment);
  return assemble([...kept, ...identityMapLeaves(best), ...segmentLeaves(best)], 0);
}

interface Ranked {
  readonly fragment: Fragment;
  readonly version: string;
}

interface Placed {
  readonly names: readonly string[];
  readonly value: JsonValue;
}

function place(fragment: Fragment, policy: AttributeMerge): number {
  return policy.type === 'timestampOrdered' ? 0 : policy.order.indexOf(fragment.datasetId);
}

function leavesOf(fragment: Fragment): ReferenceLeaf[] {
  return leavesUnder(fragment.body, []).flatMap(({ names, value }) =>
    value === null ? [] : [{ names, value, fragment, version: fieldVersion(fragment, names) }],
  );
}

function leavesUnder(value: JsonValue, names: readonly string[]): Placed[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ names, value }];
  return Object.entries(value).flatMap(([name, below]) => leavesUnder(below, [...names, name]));
}

/** The version of the longest pointer that leads to the leaf. */
function fieldVersion(fragment: Fragment, names: readonly string[]): string {
  for (let length = names.length; length >= 0; length -= 1) {
    const steps = names.slice(0, length).map((name) => '/' + name.split('~').join('~0').split('/').join('~1'));
    const version = fragment.fieldVersions?.get(steps.join(''));
    if (version !== undefined) return version;
  }
  return fragment.version;
}

function identityMapLeaves(best: readonly Fragment[]): Placed[] {
  const items = best.flatMap((fragment) =>
    membersOf(fragment.body, 'identityMap').flatMap(([code, list]) =>
      (Array.isArray(list) ? list : [])
        .filter((item) => typeof field(item, 'id') === 'string' && field(item, 'id') !== '')
        .map((item) => ({ code: code.toLowerCase(), item: item as JsonObject })),
    ),
  );
  return distinct(items.map(({ code }) => code)).map((code) => {
    const own = items.filter((each) => each.code === code);
    const united = distinct(own.map(({ item }) => item['id'] as string)).map((id) => {
      const same = own.filter(({ item }) => item['id'] === id);
      const leaves: Placed[] = [];
      for (const leaf of same.flatMap(({ item }) => leavesUnder(item, []))) {
        if (leaf.value === null) continue;
        if (leaves.some(({ names }) => startsWith(names, leaf.names) || startsWith(leaf.names, names))) continue;
        leaves.push(leaf);
      }
      const primary = same.some(({ item }) => item['primary'] === true);
      const others = leaves.filter(({ names }) => !primary || names[0] !== 'primary');
      return { id, primary, item: assemble([...others, ...(primary ? [{ names: ['primary'], value: true }] : [])], 0) };
    });
    const inOrder = united.sort((a, b) => Number(b.primary) - Number(a.primary) || order(a.id, b.id));
    return { names: ['identityMap', code], value: inOrder.map(({ item }) => item) };
  });
}

function segmentLeaves(best: readonly Fragment[]): Placed[] {
  const entries = best.flatMap((fragment) =>
    membersOf(fragment.body, 'segmentMembership').flatMap(([namespace, segments]) =>
      membersOf({ segments }, 'segments')
        .map(([segment, entry]) => ({
          at: ['segmentMembership', namespace, segment],
          time: qualification(entry),
          leaves: leavesUnder(entry, []).filter(({ value }) => value !== null),
        }))
        .filter(({ leaves }) => leaves.length > 0),
    ),
  );
  const keys = distinct(entries.map(({ at }) => JSON.stringify(at)));
  return keys.flatMap((key) => {
    const same = entries.filter(({ at }) => JSON.stringify(at) === key);
    const latest = Math.max(...same.map(({ time }) => time));
    const winner = same.find(({ time }) => time === latest);
    return (winner?.leaves ?? []).map(({ names, value }) => ({ names: [...(winner?.at ?? []), ...names], value }));
  });
}

/** Times of the form the property tests use: epoch milliseconds, or what `Date` itself writes. */
function qualification(entry: JsonValue): number {
  const time = field(entry, 'lastQualificationTime');
  if (typeof time === 'number') return time;
  return typeof time === 'string' && /^\d{4}-.*Z$/.test(time) ? Date.parse(time) : -Infinity;
}

/** Writes JSON text, in which no key has a meaning, and reads it back. */
function assemble(leaves: readonly Placed[], depth: number): JsonObject {
  return JSON.parse(textOf(leaves, depth)) as JsonObject;
}

function textOf(leaves: readonly Placed[], depth: number): string {
  const [first] = leaves;
  if (first !== undefined && first.names.length === depth) return JSON.stringify(sorted(first.value));
  const names = distinct(leaves.map((leaf) => leaf.names[depth] as string)).sort(order);
  const members = names.map((name) => {
    const below = leaves.filter((leaf) => leaf.names[depth] === name);
    return `${JSON.stringify(name)}:${textOf(below, depth + 1)}`;
  });
  return `{${members.join(',')}}`;
}

/** Keys sorted inside arrays as well. */
function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => order(a, b))
      .map(([name, below]) => [name, sorted(below)]),
  );
}

function membersOf(object: JsonObject, name: string): [string, JsonValue][] {
  const value = field(object, name);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function field(value: JsonValue, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function startsWith(names: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((name, index) => names[index] === name);
}

function distinct(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) === index);
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
