import type { JsonValue } from '@tessera/contracts';
import { compareText, sortKeys } from './canonical-json.js';
import { ExplanationTree, type Claim } from './explanation-tree.js';
import { fieldPathOf, type FieldPath } from './field-path.js';
import { objectOf } from './field-tree.js';
import type { Fragment } from './fragment.js';
import { forEachIdentity, uniteIdentityMaps } from './identity-map.js';
import type { AttributeMerge } from './merge-policy.js';
import { layersOf, rankedCandidates, rankRule, type Candidate, type Layer, type RankRule } from './rank.js';
import { forEachSegment } from './segment-membership.js';

/** A fragment as an explanation names it. `age` (epoch ms) and `version` are the field's own where it has them. */
export interface FieldSource {
  readonly datasetId: string;
  readonly xid: string;
  readonly age: number;
  readonly version: string;
}

/** What one fragment says at a path. */
export interface SourcedValue extends FieldPath {
  readonly source: FieldSource;
  readonly value: JsonValue;
}

/**
 * Why a value is in the profile: a rule of rank; a later `lastQualificationTime`; no other fragment has the field; or it
 * is the union of what several say.
 */
export type DecidingRule = RankRule | 'later-qualification' | 'only-source' | 'united';

/** Where one leaf of the merged profile came from. */
export interface LeafExplanation extends FieldPath {
  readonly value: JsonValue;
  /** The fragment whose value it is; of a united value, the best-ranked contributor. */
  readonly winner: FieldSource;
  /** What it kept out, the strongest first: values at its own path, or at one above or below it. */
  readonly beaten: readonly SourcedValue[];
  /** What told the winner from the strongest of {@link beaten}. */
  readonly rule: DecidingRule;
  /** Of a united value: what each fragment put in, the best-ranked first. */
  readonly united?: readonly SourcedValue[];
}

export interface MergeExplanation {
  /**
   * One per leaf of the merged profile, sorted by names, `identityMap` and `segmentMembership` last. A namespace of
   * `identityMap` and an entry of `segmentMembership` are one leaf each.
   */
  readonly leaves: readonly LeafExplanation[];
  /** The fragments that were merged, best first. */
  readonly candidates: readonly FieldSource[];
  /** The fragments of datasets that the policy leaves out. */
  readonly excluded: readonly FieldSource[];
}

/** Says of each leaf of what {@link mergeFragments} makes of the same input where it came from, and why. */
export function explainMerge(fragments: readonly Fragment[], attributeMerge: AttributeMerge): MergeExplanation {
  const candidates = rankedCandidates(fragments, attributeMerge);
  const merged = new Set(candidates.map(({ datasetId }) => datasetId));
  return {
    leaves: [...explainFields(candidates), ...explainIdentityMap(candidates), ...explainSegments(candidates)],
    candidates: candidates.map(sourceOf),
    excluded: fragments
      .filter(({ datasetId }) => !merged.has(datasetId))
      .map(sourceOf)
      .sort((a, b) => compareText(a.datasetId, b.datasetId) || compareText(a.xid, b.xid)),
  };
}

function explainFields(candidates: readonly Candidate[]): LeafExplanation[] {
  const tree = new ExplanationTree();
  for (const layer of layersOf(candidates)) tree.enterLeaves(layer);
  return [...tree.winners()]
    .filter(({ names }) => names[0] !== 'identityMap' && names[0] !== 'segmentMembership')
    .map((winner) => ({
      ...fieldPathOf(winner.names),
      value: sortKeys(winner.value),
      winner: sourceOf(winner.layer),
      beaten: winner.beaten.map(sourced),
      rule: ruleBetween(winner, winner.beaten[0]),
    }));
}

function explainIdentityMap(candidates: readonly Layer[]): LeafExplanation[] {
  const contributions = new Map<string, Map<Layer, JsonValue[]>>();
  for (const candidate of candidates) {
    forEachIdentity(candidate, (code, _id, item) => {
      const byLayer = entry(contributions, code, () => new Map<Layer, JsonValue[]>());
      entry(byLayer, candidate, () => []).push(item);
    });
  }
  const united = uniteIdentityMaps(candidates);
  return byName(contributions).map(([code, byLayer]) => {
    const names = ['identityMap', code];
    const parts = [...byLayer].map(([layer, value]) => sourced({ names, layer, value }));
    return {
      ...fieldPathOf(names),
      value: united?.get(code) as JsonValue[],
      winner: (parts[0] as SourcedValue).source,
      beaten: [],
      rule: parts.length === 1 ? 'only-source' : 'united',
      united: parts,
    };
  });
}

function explainSegments(candidates: readonly Layer[]): LeafExplanation[] {
  const claims = new Map<string, Map<string, (Claim & { qualified: number })[]>>();
  for (const layer of candidates) {
    forEachSegment(layer, (namespace, segment, { qualified, value: tree }) => {
      const segments = entry(claims, namespace, () => new Map<string, (Claim & { qualified: number })[]>());
      const value = tree instanceof Map ? objectOf(tree) : tree;
      const names = ['segmentMembership', namespace, segment];
      entry(segments, segment, () => []).push({ names, layer, value, qualified });
    });
  }
  return byName(claims).flatMap(([, segments]) =>
    byName(segments).map(([, contenders]) => {
      // Contenders come best-ranked first, and the sort is stable.
      const [winner, ...beaten] = contenders.sort((a, b) =>
        a.qualified === b.qualified ? 0 : b.qualified - a.qualified,
      );
      const { names, value, layer, qualified } = winner as (typeof contenders)[number];
      const later = beaten[0] !== undefined && qualified > beaten[0].qualified;
      return {
        ...fieldPathOf(names),
        value,
        winner: sourceOf(layer),
        beaten: beaten.map(sourced),
        rule: later ? 'later-qualification' : ruleBetween({ layer }, beaten[0]),
      };
    }),
  );
}

function ruleBetween(winner: Pick<Claim, 'layer'>, rival: Claim | undefined): DecidingRule {
  return rival === undefined ? 'only-source' : rankRule(winner.layer, rival.layer);
}

function sourced({ names, layer, value }: Claim): SourcedValue {
  return { ...fieldPathOf(names), source: sourceOf(layer), value: sortKeys(value) };
}

function sourceOf({ datasetId, xid, age, version }: FieldSource): FieldSource {
  return { datasetId, xid, age, version };
}

function entry<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}

function byName<V>(map: Map<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => compareText(a, b));
}
