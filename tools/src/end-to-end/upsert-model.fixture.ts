import type { JsonObject, JsonValue, RecordOperation } from '@tessera/contracts';

/** A record of the model: in a dataset, about a person, with an age of its own. */
export interface ModelRecord {
  readonly dataset: number;
  readonly person: string;
  /** Epoch ms. */
  readonly age: number;
  readonly operation: RecordOperation;
  /** Without identities; `null` only in a merge. */
  readonly fields: JsonObject;
}

interface Leaf {
  readonly names: readonly string[];
  readonly value: JsonValue;
  readonly age: number;
}

/**
 * The profile of one person, in the slow and plain way: per dataset a list of leaves, changed record by record in order of
 * age; then all lists put together, a newer leaf keeping out older ones at its place, above it and below it.
 *
 * @returns leaves as `[names, value]`, sorted.
 */
export function modelProfile(records: readonly ModelRecord[], person: string): [string, JsonValue][] {
  const own = records.filter((record) => record.person === person).sort((a, b) => a.age - b.age);
  const fragments = new Map<number, Leaf[]>();
  for (const { dataset, age, operation, fields } of own) {
    let leaves = operation === 'merge' ? (fragments.get(dataset) ?? []) : [];
    for (const leaf of operation === 'delete' ? [] : leavesOf(fields, age)) {
      leaves = leaves.filter(({ names }) => !inEachOthersWay(names, leaf.names));
      if (leaf.value !== null) leaves.push(leaf);
    }
    fragments.set(dataset, leaves);
  }
  const merged: Leaf[] = [];
  for (const leaf of [...fragments.values()].flat().sort((a, b) => b.age - a.age)) {
    if (!merged.some(({ names }) => inEachOthersWay(names, leaf.names))) merged.push(leaf);
  }
  return sorted(merged);
}

/** What a profile says, in the form of {@link modelProfile}. */
export function profileLeaves(entity: JsonObject): [string, JsonValue][] {
  return sorted(leavesOf(entity, 0));
}

function leavesOf(value: JsonValue, age: number, names: readonly string[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ names, value, age }];
  return Object.entries(value).flatMap(([name, below]) => leavesOf(below, age, [...names, name]));
}

function inEachOthersWay(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).join('/') === b.slice(0, length).join('/');
}

function sorted(leaves: readonly Leaf[]): [string, JsonValue][] {
  return leaves
    .map(({ names, value }): [string, JsonValue] => [names.join('/'), value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
