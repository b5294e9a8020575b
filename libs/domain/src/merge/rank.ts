import type { JsonObject, JsonValue } from '@tessera/contracts';
import { ageOfVersion } from '../record/version.js';
import { compareText, emptyObject, isJsonObject } from './canonical-json.js';
import { pointerNames } from './field-path.js';
import type { Fragment } from './fragment.js';
import type { AttributeMerge } from './merge-policy.js';

/** What decides which of two fragments, or of two parts of fragments, is better. */
export interface Rank {
  /** Position of the dataset in a policy's order; 0 for all where there is none. */
  readonly place: number;
  readonly version: string;
  readonly datasetId: string;
  readonly xid: string;
}

/** A fragment, or the part of one that one record set. */
export interface Layer extends Rank {
  readonly age: number;
  readonly body: JsonObject;
}

/** Why one layer outranks another. */
export type RankRule = 'dataset-order' | 'newer' | 'accepted-later' | 'larger-dataset-id' | 'larger-xid';

/** Total order of layers, best first (spec 05-merge-policies, "Rank"). A version starts with the age. */
export function compareRanks(a: Rank, b: Rank): number {
  return (
    a.place - b.place ||
    compareText(b.version, a.version) ||
    compareText(b.datasetId, a.datasetId) ||
    compareText(b.xid, a.xid)
  );
}

/** The first rule that tells two layers apart. */
export function rankRule(a: Layer, b: Layer): RankRule {
  if (a.place !== b.place) return 'dataset-order';
  if (a.version !== b.version) return a.age === b.age ? 'accepted-later' : 'newer';
  return a.datasetId === b.datasetId ? 'larger-xid' : 'larger-dataset-id';
}

/** The fragments a policy considers, each whole, best first (spec 05-merge-policies, "Candidates"). */
export function rankedCandidates(fragments: readonly Fragment[], attributeMerge: AttributeMerge): Candidate[] {
  const places = attributeMerge.type === 'dataSetPrecedence' ? placesOf(attributeMerge.order) : undefined;
  const candidates: Candidate[] = [];
  for (const fragment of fragments) {
    const place = places === undefined ? 0 : places.get(fragment.datasetId);
    if (place === undefined) continue;
    const { age, version, datasetId, xid, body, fieldVersions } = fragment;
    candidates.push({ place, age, version, datasetId, xid, body, fieldVersions });
  }
  return candidates.sort(compareRanks);
}

/** A whole fragment as a layer. */
export interface Candidate extends Layer {
  readonly fieldVersions: ReadonlyMap<string, string> | undefined;
}

/**
 * The candidates with each one made by upserts taken apart by the records that set its fields, best first. Ranks then
 * hold for whole layers.
 */
export function layersOf(candidates: readonly Candidate[]): readonly Layer[] {
  if (candidates.every((candidate) => candidate.fieldVersions === undefined)) return candidates;
  return candidates.flatMap((candidate) => takeApart(candidate)).sort(compareRanks);
}

function takeApart(candidate: Candidate): Layer[] {
  if (candidate.fieldVersions === undefined) return [candidate];
  const versions = versionTreeOf(candidate.fieldVersions);
  return [...bodiesByVersion(candidate.body, versions, candidate.version)].map(([version, body]) => ({
    ...candidate,
    version,
    age: version === candidate.version ? candidate.age : ageOfVersion(version),
    body,
  }));
}

/** `body` without what other versions set, by version. */
function bodiesByVersion(body: JsonObject, versions: VersionTree, inherited: string): Map<string, JsonObject> {
  const bodies = new Map<string, JsonObject>();
  const set = (version: string, key: string, value: JsonValue): void => {
    let part = bodies.get(version);
    if (part === undefined) bodies.set(version, (part = emptyObject()));
    part[key] = value;
  };
  const outer = versions.version ?? inherited;
  for (const key of Object.keys(body)) {
    const value = body[key] as JsonValue;
    const below = versions.below?.get(key);
    if (below === undefined) set(outer, key, value);
    else if (!isJsonObject(value)) set(below.version ?? outer, key, value);
    else for (const [version, part] of bodiesByVersion(value, below, outer)) set(version, key, part);
  }
  return bodies;
}

/** Field versions by name, so that a body is only descended into where versions differ. */
export interface VersionTree {
  version: string | undefined;
  below: Map<string, VersionTree> | undefined;
}

export function versionTreeOf(fieldVersions: ReadonlyMap<string, string>): VersionTree {
  const root: VersionTree = { version: undefined, below: undefined };
  for (const [at, version] of fieldVersions) {
    let tree = root;
    for (const name of pointerNames(at)) {
      tree.below ??= new Map();
      let next = tree.below.get(name);
      if (next === undefined) tree.below.set(name, (next = { version: undefined, below: undefined }));
      tree = next;
    }
    tree.version = version;
  }
  return root;
}

function placesOf(order: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  order.forEach((datasetId, place) => {
    if (!places.has(datasetId)) places.set(datasetId, place);
  });
  return places;
}
