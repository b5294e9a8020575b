import { hash } from 'node:crypto';
import {
  contributingDatasets,
  hasProfile,
  unstitchedNamespace,
  withCandidates,
  type PersonFacts,
} from './person-facts.js';

/** Periods of the report of unstitched profiles, in days. */
export const unstitchedPeriods = [7, 30, 60, 90, 120] as const;

const DAY = 86_400_000;

/** Profiles of the sample, and all. */
export interface Occurrence {
  readonly sample: number;
  readonly full: number;
}

/** Unstitched profiles of one namespace that were not active within a period. */
export interface UnstitchedCount {
  /** Days. */
  readonly period: number;
  readonly namespace: string;
  readonly profiles: number;
  /** Those of the profiles' fragments: an event counts with its primary identity's person, and so once. */
  readonly events: number;
}

/**
 * What some people add up to. Tallies of different people merge into that of all of them, in any order, so that a store is
 * counted in parts. Lists are in the order of their keys, which are data and never names of fields.
 *
 * Profiles, with their datasets and overlaps, are those of the default policy. Fragments, records and events are counted as
 * they are stored, whatever the policy: they tell how large the store is, and changing a policy does not change that. A
 * namespace may hence have fragments and no profile.
 */
export interface SampleTally {
  /** People the graph knows, those without a profile included. */
  readonly clusters: number;
  readonly identities: number;
  readonly profiles: number;
  /** Profiles that the sample drew. */
  readonly sampled: number;
  /** Stored fragments of both kinds. */
  readonly fragments: number;
  readonly records: number;
  readonly events: number;
  readonly datasets: readonly (readonly [datasetId: string, Occurrence])[];
  readonly namespaces: readonly (readonly [code: string, Occurrence & { readonly fragments: number }])[];
  /** By the exact set of contributing datasets: their ids, sorted, with commas between. */
  readonly datasetOverlap: readonly (readonly [ids: string, profiles: number])[];
  /** By the exact set of namespaces, likewise. */
  readonly namespaceOverlap: readonly (readonly [codes: string, profiles: number])[];
  readonly unstitched: readonly UnstitchedCount[];
}

export interface TallyRules {
  /** Share of profiles that are drawn, over 0 and up to 1. */
  readonly ratio: number;
  /** When the store was read, epoch ms: periods end here. */
  readonly now: number;
  /** Ids of the datasets whose records make profiles; absent: of all. */
  readonly order?: readonly string[];
}

/** Whether the sample draws a person: at one ratio always the same people, and at a smaller one some of those. */
export function isSampled(clusterId: string, ratio: number): boolean {
  return hash('sha256', clusterId, 'buffer').readUInt32BE() / 2 ** 32 < ratio;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type NamespaceOccurrence = Occurrence & { readonly fragments: number };

/** Adds people up. Holds as much as the result, however many people there are. */
export class SampleTallier {
  private readonly sums = { clusters: 0, identities: 0, profiles: 0, sampled: 0, fragments: 0, records: 0, events: 0 };
  private readonly datasets = new Map<string, Mutable<Occurrence>>();
  private readonly namespaces = new Map<string, Mutable<NamespaceOccurrence>>();
  private readonly datasetOverlap = new Map<string, number>();
  private readonly namespaceOverlap = new Map<string, number>();
  private readonly unstitched = new Map<string, Mutable<UnstitchedCount>>();
  private readonly order: ReadonlySet<string> | undefined;

  constructor(private readonly rules: TallyRules) {
    this.order = rules.order && new Set(rules.order);
  }

  add(person: PersonFacts): void {
    this.addStored(person);
    const profile = withCandidates(person, this.order);
    if (hasProfile(profile)) this.addProfile(profile);
  }

  /** Adds what others have added up. */
  merge(tally: SampleTally): void {
    for (const sum of Object.keys(this.sums) as (keyof typeof this.sums)[]) this.sums[sum] += tally[sum];
    for (const [id, { sample, full }] of tally.datasets) this.addOccurrence(this.dataset(id), sample, full);
    for (const [code, { sample, full, fragments }] of tally.namespaces) {
      this.addOccurrence(this.namespace(code), sample, full);
      this.namespace(code).fragments += fragments;
    }
    for (const [key, profiles] of tally.datasetOverlap) increase(this.datasetOverlap, key, profiles);
    for (const [key, profiles] of tally.namespaceOverlap) increase(this.namespaceOverlap, key, profiles);
    for (const { period, namespace, profiles, events } of tally.unstitched) {
      this.addToPeriod(period, namespace, profiles, events);
    }
  }

  result(): SampleTally {
    return {
      ...this.sums,
      datasets: sorted(this.datasets),
      namespaces: sorted(this.namespaces),
      datasetOverlap: sorted(this.datasetOverlap),
      namespaceOverlap: sorted(this.namespaceOverlap),
      unstitched: sorted(this.unstitched).map(([, count]) => count),
    };
  }

  private addStored({ namespaces, fragments }: PersonFacts): void {
    this.sums.clusters += 1;
    this.sums.identities += namespaces.length;
    for (const { kind, events, namespace } of fragments) {
      this.sums.fragments += 1;
      this.sums.records += kind === 'record' ? 1 : 0;
      this.sums.events += events;
      this.namespace(namespace).fragments += 1;
    }
  }

  private addProfile(person: PersonFacts): void {
    const { clusterId, namespaces } = person;
    const drawn = isSampled(clusterId, this.rules.ratio) ? 1 : 0;
    this.sums.profiles += 1;
    this.sums.sampled += drawn;
    const datasets = contributingDatasets(person);
    const codes = new Set(namespaces);
    for (const id of datasets) this.addOccurrence(this.dataset(id), drawn, 1);
    for (const code of codes) this.addOccurrence(this.namespace(code), drawn, 1);
    increase(this.datasetOverlap, keyOf(datasets), 1);
    increase(this.namespaceOverlap, keyOf(codes), 1);
    this.addUnstitched(person);
  }

  private addUnstitched(person: PersonFacts): void {
    const namespace = unstitchedNamespace(person);
    if (namespace === undefined) return;
    const events = person.fragments.reduce((sum, fragment) => sum + fragment.events, 0);
    for (const period of unstitchedPeriods) {
      const isActive = (person.newestEvent ?? -Infinity) > this.rules.now - period * DAY;
      if (!isActive) this.addToPeriod(period, namespace, 1, events);
    }
  }

  private addToPeriod(period: number, namespace: string, profiles: number, events: number): void {
    const key = `${period} ${namespace}`;
    const known = this.unstitched.get(key) ?? { period, namespace, profiles: 0, events: 0 };
    known.profiles += profiles;
    known.events += events;
    this.unstitched.set(key, known);
  }

  private addOccurrence(occurrence: Mutable<Occurrence>, sample: number, full: number): void {
    occurrence.sample += sample;
    occurrence.full += full;
  }

  private dataset(id: string): Mutable<Occurrence> {
    const known = this.datasets.get(id) ?? { sample: 0, full: 0 };
    this.datasets.set(id, known);
    return known;
  }

  private namespace(code: string): Mutable<NamespaceOccurrence> {
    const known = this.namespaces.get(code) ?? { sample: 0, full: 0, fragments: 0 };
    this.namespaces.set(code, known);
    return known;
  }
}

function sorted<Value>(values: ReadonlyMap<string, Value>): [string, Value][] {
  return [...values].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Neither ids of datasets nor namespace codes have commas. */
function keyOf(names: ReadonlySet<string>): string {
  return [...names].sort().join(',');
}

function increase(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
