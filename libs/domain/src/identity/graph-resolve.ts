import type { GraphIdentity, GraphLink, ResolvedComponent, ResolvedGraph } from './graph.js';
import { connectedParts, type ConnectedPart } from './graph-components.js';
import { defaultGraphLimits, type GraphLimits, type LinkingRules } from './graph-rules.js';
import { separateClusters } from './graph-separate.js';

/**
 * Who is who: the clusters that a set of links makes of some identities, as a function of the links alone, whatever the
 * order in which they arrived (spec 04-identity).
 *
 * A component in which no limit and no rule bites is one cluster, however many links it has. Of any other the newest links
 * are kept, which may take it apart, and the rules decide over what hangs together after that. Resolving what was kept
 * again gives the same.
 *
 * @param identities every identity once, both ends of every link among them.
 */
export function resolveGraph(
  identities: readonly GraphIdentity[],
  links: readonly GraphLink[],
  rules: LinkingRules,
  limits: GraphLimits = defaultGraphLimits,
): ResolvedGraph {
  const namespaces = new Map(identities.map(({ xid, namespace }) => [xid, namespace]));
  const components: ResolvedComponent[] = [];
  const dropped: GraphLink[] = [];
  for (const part of connectedParts(namespaces.keys(), links)) {
    if (part.links.length <= limits.links || !isContested(part.members, namespaces, rules, limits)) {
      components.push(resolvePart(part, namespaces, rules, limits));
      continue;
    }
    const newestFirst = sortNewestFirst(part.links, namespaces, rules);
    dropped.push(...newestFirst.slice(limits.links));
    for (const kept of connectedParts(part.members, newestFirst.slice(0, limits.links))) {
      components.push(resolvePart(kept, namespaces, rules, limits));
    }
  }
  return { components, dropped };
}

/** Whether the members cannot simply be one cluster: they are too many, or a unique namespace occurs twice. */
export function isContested(
  members: readonly string[],
  namespaces: ReadonlyMap<string, string>,
  rules: Pick<LinkingRules, 'unique'>,
  limits: GraphLimits,
): boolean {
  if (members.length > limits.identities) return true;
  if (rules.unique.size === 0) return false;
  const seen = new Set<string>();
  for (const xid of members) {
    const namespace = namespaces.get(xid) ?? '';
    if (!rules.unique.has(namespace)) continue;
    if (seen.has(namespace)) return true;
    seen.add(namespace);
  }
  return false;
}

function resolvePart(
  { members, links }: ConnectedPart<GraphLink>,
  namespaces: ReadonlyMap<string, string>,
  rules: LinkingRules,
  limits: GraphLimits,
): ResolvedComponent {
  const id = members[0] ?? '';
  if (!isContested(members, namespaces, rules, limits)) {
    return { id, members, contested: false, clusters: [members], leftOut: [], evicted: [] };
  }
  const newestFirst = sortNewestFirst(links, namespaces, rules);
  return { id, members, contested: true, ...separateClusters(members, newestFirst, namespaces, rules, limits) };
}

/** Newest first; of equal age the higher priority (that of its better end, then of the other), then the smaller ids. */
function sortNewestFirst(
  links: readonly GraphLink[],
  namespaces: ReadonlyMap<string, string>,
  rules: LinkingRules,
): GraphLink[] {
  const priorityOf = (xid: string) => rules.priorityOf(namespaces.get(xid) ?? '');
  return links
    .map((link) => {
      const [a, b] = [priorityOf(link.a), priorityOf(link.b)];
      return { link, better: Math.min(a, b), other: Math.max(a, b) };
    })
    .sort(
      (one, two) =>
        two.link.last - one.link.last ||
        one.better - two.better ||
        one.other - two.other ||
        compareText(one.link.a, two.link.a) ||
        compareText(one.link.b, two.link.b),
    )
    .map(({ link }) => link);
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
