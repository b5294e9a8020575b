import type { GraphLink, ResolvedComponent } from './graph.js';
import { DisjointSets } from './graph-components.js';
import type { GraphLimits, LinkingRules } from './graph-rules.js';

/**
 * Makes people of a contested component: its links are added again, newest first. One that would put a second value of a
 * unique namespace into a cluster is left out. One that would overfill a cluster evicts the weakest identities of both
 * sides, and all begins anew without those, so that every cluster hangs together by links of its own.
 */
export function separateClusters(
  members: readonly string[],
  newestFirst: readonly GraphLink[],
  namespaces: ReadonlyMap<string, string>,
  rules: LinkingRules,
  limits: GraphLimits,
): Pick<ResolvedComponent, 'clusters' | 'leftOut' | 'evicted'> {
  const isWeaker = weakness(newestFirst, namespaces, rules);
  const evicted = new Set<string>();
  for (;;) {
    const { sets, leftOut, overfull } = addLinks(newestFirst, evicted, namespaces, rules, limits);
    if (overfull === undefined) {
      for (const xid of members) sets.find(xid);
      const clusters = [...sets.sets().values()].map((cluster) => cluster.sort());
      return {
        clusters: clusters.sort((one, other) => ((one[0] ?? '') < (other[0] ?? '') ? -1 : 1)),
        leftOut,
        evicted: [...evicted].sort(),
      };
    }
    const weakestFirst = overfull.sort(isWeaker);
    for (const xid of weakestFirst.slice(0, overfull.length - limits.identities)) evicted.add(xid);
  }
}

/** Adds links until done, or until one would overfill a cluster: then `overfull` holds everybody it would join. */
function addLinks(
  newestFirst: readonly GraphLink[],
  evicted: ReadonlySet<string>,
  namespaces: ReadonlyMap<string, string>,
  rules: LinkingRules,
  limits: GraphLimits,
): { sets: DisjointSets; leftOut: GraphLink[]; overfull?: string[] } {
  const sets = new DisjointSets();
  const uniques = new UniqueNamespaces(namespaces, rules);
  const leftOut: GraphLink[] = [];
  for (const link of newestFirst) {
    if (evicted.has(link.a) || evicted.has(link.b)) continue;
    const [one, other] = [sets.find(link.a), sets.find(link.b)];
    if (one === other) continue;
    if (uniques.overlap(one, other)) {
      leftOut.push(link);
    } else if (sets.sizeOf(one) + sets.sizeOf(other) > limits.identities) {
      const all = sets.sets();
      return { sets, leftOut, overfull: [...(all.get(one) ?? []), ...(all.get(other) ?? [])] };
    } else {
      const { into, absorbed } = sets.union(one, other);
      if (absorbed !== undefined) uniques.move(absorbed, into);
    }
  }
  return { sets, leftOut };
}

/** Which unique namespaces each cluster already has a value of, by the cluster's representative. */
class UniqueNamespaces {
  private readonly held = new Map<string, Set<string>>();

  constructor(
    private readonly namespaces: ReadonlyMap<string, string>,
    private readonly rules: LinkingRules,
  ) {}

  overlap(one: string, other: string): boolean {
    if (this.rules.unique.size === 0) return false;
    const others = this.of(other);
    return [...this.of(one)].some((namespace) => others.has(namespace));
  }

  move(from: string, into: string): void {
    if (this.rules.unique.size === 0) return;
    const target = this.of(into);
    for (const namespace of this.of(from)) target.add(namespace);
  }

  /** A cluster not met before is a single identity: its own representative. */
  private of(representative: string): Set<string> {
    let namespaces = this.held.get(representative);
    if (!namespaces) {
      const own = this.namespaces.get(representative) ?? '';
      namespaces = new Set(this.rules.unique.has(own) ? [own] : []);
      this.held.set(representative, namespaces);
    }
    return namespaces;
  }
}

/**
 * Compares by who gives way first: the weaker kind, then the longest unseen, then the larger XID. An identity was last
 * seen when its newest link was: sightings of it alone say nothing about whom it belongs to.
 */
function weakness(
  links: readonly GraphLink[],
  namespaces: ReadonlyMap<string, string>,
  rules: LinkingRules,
): (one: string, other: string) => number {
  const seen = new Map<string, number>();
  for (const { a, b, last } of links) {
    for (const xid of [a, b]) seen.set(xid, Math.max(seen.get(xid) ?? -Infinity, last));
  }
  const strengthOf = (xid: string) => rules.strengthOf(namespaces.get(xid) ?? '');
  return (one, other) =>
    strengthOf(one) - strengthOf(other) ||
    (seen.get(one) ?? -Infinity) - (seen.get(other) ?? -Infinity) ||
    (one > other ? -1 : 1);
}
