import type { JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from './canonical-json.js';
import type { FieldTree, Leaf } from './field-tree.js';
import { compareRanks, versionTreeOf, type Candidate, type Rank, type VersionTree } from './rank.js';

/**
 * Merges candidates whose fields have ranks of their own in one pass, keeping of each field the best-ranked leaf: far
 * less work than taking them apart into layers. That is right as long as no leaf has a place above or below another's,
 * where it takes the best of all leaves to begin with.
 *
 * @returns undefined where candidates disagree on whether a field is an object.
 */
export function foldByRank(candidates: readonly Candidate[]): FieldTree | undefined {
  const tree: RankedTree = new Map();
  for (const candidate of candidates) {
    const versions = candidate.fieldVersions && versionTreeOf(candidate.fieldVersions);
    const ranks = new Map<string, Rank>([[candidate.version, candidate]]);
    const rankOf = (version: string): Rank => {
      let rank = ranks.get(version);
      if (rank === undefined) ranks.set(version, (rank = { ...candidate, version }));
      return rank;
    };
    const rank = versions?.version === undefined ? candidate : rankOf(versions.version);
    if (!enter(tree, candidate.body, rank, versions, rankOf)) return undefined;
  }
  return withoutRanks(tree);
}

class RankedLeaf {
  constructor(
    readonly rank: Rank,
    readonly value: Leaf,
  ) {}
}
type RankedTree = Map<string, RankedTree | RankedLeaf>;

/** @returns whether every leaf found its place free of objects, and every object its place free of leaves. */
function enter(
  tree: RankedTree,
  body: JsonObject,
  above: Rank,
  versions: VersionTree | undefined,
  rankOf: (version: string) => Rank,
): boolean {
  // As in `fold`: parsed JSON inherits nothing enumerable.
  for (const key in body) {
    const value = body[key] as JsonValue;
    if (value === null) continue;
    const below = versions?.below?.get(key);
    const rank = below?.version === undefined ? above : rankOf(below.version);
    const held = tree.get(key);
    if (isJsonObject(value)) {
      if (held instanceof RankedLeaf) return false;
      const subtree: RankedTree = held ?? new Map<string, RankedTree | RankedLeaf>();
      if (!enter(subtree, value, rank, below, rankOf)) return false;
      if (held === undefined && subtree.size > 0) tree.set(key, subtree);
    } else if (held === undefined) tree.set(key, new RankedLeaf(rank, value));
    else if (!(held instanceof RankedLeaf)) return false;
    else if (compareRanks(rank, held.rank) < 0) tree.set(key, new RankedLeaf(rank, value));
  }
  return true;
}

function withoutRanks(tree: RankedTree): FieldTree {
  const fields: FieldTree = new Map();
  for (const [key, held] of tree) fields.set(key, held instanceof RankedLeaf ? held.value : withoutRanks(held));
  return fields;
}
