import type { JsonObject } from '@tessera/contracts';
import { fold, objectOf, type FieldTree } from './field-tree.js';
import { foldByRank } from './fold-by-rank.js';
import type { Fragment } from './fragment.js';
import { uniteIdentityMaps } from './identity-map.js';
import type { AttributeMerge } from './merge-policy.js';
import { entityOfOne } from './only-fragment.js';
import { layersOf, rankedCandidates, type Candidate } from './rank.js';
import { uniteSegmentMemberships } from './segment-membership.js';

/** The result of a merge policy on one person's fragments. */
export interface MergedProfile {
  /** The keys of every object are sorted and no object has a prototype, so `JSON.stringify` is deterministic. */
  readonly entity: JsonObject;
  /** Ids of the datasets whose fragments were merged, sorted. */
  readonly sources: readonly string[];
  /** Newest age among the merged fragments, epoch ms; 0 when there was none. */
  readonly lastModifiedAt: number;
}

/**
 * Merges the fragments of the identities in scope into one profile (spec 05-merge-policies, "What merging means"). Any
 * permutation of the same fragments gives a byte-identical profile.
 *
 * A leaf (scalar or array) of one fragment is in the result unless a better-ranked leaf that is in the result has the
 * same path, or a path above or below it. Hence objects merge key by key; where fragments disagree on whether a field
 * is an object, the best-ranked leaf at or below it decides; an object without a leaf counts as absent, as `null` does.
 *
 * @param fragments parsed JSON, never changed; at most one of each dataset and XID.
 */
export function mergeFragments(fragments: readonly Fragment[], attributeMerge: AttributeMerge): MergedProfile {
  const candidates = rankedCandidates(fragments, attributeMerge);
  const [first] = candidates;
  if (first !== undefined && candidates.length === 1) {
    return { entity: entityOfOne(first), sources: [first.datasetId], lastModifiedAt: first.age };
  }
  const fields = foldAll(candidates);
  replace(fields, 'identityMap', uniteIdentityMaps(candidates));
  replace(fields, 'segmentMembership', uniteSegmentMemberships(candidates));
  return {
    entity: objectOf(fields),
    sources: [...new Set(candidates.map(({ datasetId }) => datasetId))].sort(),
    lastModifiedAt: candidates.reduce((newest, { age }) => Math.max(newest, age), candidates[0]?.age ?? 0),
  };
}

function foldAll(candidates: readonly Candidate[]): FieldTree {
  const ranked = candidates.some(({ fieldVersions }) => fieldVersions !== undefined) && foldByRank(candidates);
  if (ranked) return ranked;
  const fields: FieldTree = new Map();
  for (const layer of layersOf(candidates)) fold(fields, layer.body);
  return fields;
}

function replace(fields: FieldTree, key: string, united: FieldTree | undefined): void {
  if (united === undefined) fields.delete(key);
  else fields.set(key, united);
}
