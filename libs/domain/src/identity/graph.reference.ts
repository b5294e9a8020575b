import type { GraphIdentity, GraphLink } from './graph.js';
import type { GraphLimits, LinkingRules } from './graph-rules.js';

/**
 * The rules of spec 04-identity once more, as plainly as they can be written and without regard to cost, to compare
 * {@link resolveGraph} with. Shares no code with it.
 */
export function referenceClusters(
  identities: readonly GraphIdentity[],
  links: readonly GraphLink[],
  rules: LinkingRules,
  limits: GraphLimits,
): string[][] {
  const all = identities.map(({ xid }) => xid);
  const clusters = reachable(all, links).flatMap((component) => {
    const inside = links.filter(({ a }) => component.includes(a));
    if (isFine(component, identities, rules, limits)) return [component];
    const kept = inNewestOrder(inside, identities, rules).slice(0, limits.links);
    return reachable(component, kept).flatMap((part) => {
      if (isFine(part, identities, rules, limits)) return [part];
      return separated(
        part,
        kept.filter(({ a }) => part.includes(a)),
        identities,
        rules,
        limits,
        [],
      );
    });
  });
  return clusters
    .map((cluster) => [...cluster].sort())
    .sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1));
}

/** Spreads from each identity over the links until nothing new is reached. */
function reachable(xids: readonly string[], links: readonly GraphLink[]): string[][] {
  const parts: string[][] = [];
  for (const start of xids) {
    if (parts.some((part) => part.includes(start))) continue;
    const part = [start];
    for (let grown = true; grown;) {
      grown = false;
      for (const { a, b } of links) {
        if (part.includes(a) === part.includes(b)) continue;
        part.push(part.includes(a) ? b : a);
        grown = true;
      }
    }
    parts.push(part);
  }
  return parts;
}

function isFine(
  xids: readonly string[],
  identities: readonly GraphIdentity[],
  rules: LinkingRules,
  limits: GraphLimits,
) {
  const unique = xids.map((xid) => namespaceOf(xid, identities)).filter((namespace) => rules.unique.has(namespace));
  return xids.length <= limits.identities && new Set(unique).size === unique.length;
}

function namespaceOf(xid: string, identities: readonly GraphIdentity[]): string {
  return identities.find((identity) => identity.xid === xid)?.namespace ?? '';
}

/** Picks the first of the remaining links again and again. */
function inNewestOrder(
  links: readonly GraphLink[],
  identities: readonly GraphIdentity[],
  rules: LinkingRules,
): GraphLink[] {
  const remaining = [...links];
  const ordered: GraphLink[] = [];
  const key = ({ a, b, last }: GraphLink): (number | string)[] => {
    const priorities = [a, b]
      .map((xid) => rules.priorityOf(namespaceOf(xid, identities)))
      .sort((one, two) => one - two);
    return [-last, ...priorities, a, b];
  };
  while (remaining.length > 0) {
    const first = remaining.reduce((one, two) => (comesBefore(key(two), key(one)) ? two : one));
    ordered.push(...remaining.splice(remaining.indexOf(first), 1));
  }
  return ordered;
}

function comesBefore(one: (number | string)[], two: (number | string)[]): boolean {
  const differing = one.findIndex((value, index) => value !== two[index]);
  return differing >= 0 && (one[differing] ?? 0) < (two[differing] ?? 0);
}

function separated(
  xids: readonly string[],
  newestFirst: readonly GraphLink[],
  identities: readonly GraphIdentity[],
  rules: LinkingRules,
  limits: GraphLimits,
  evicted: readonly string[],
): string[][] {
  let clusters = xids.map((xid) => [xid]);
  for (const { a, b } of newestFirst) {
    if (evicted.includes(a) || evicted.includes(b)) continue;
    const [one, two] = [a, b].map((xid) => clusters.find((cluster) => cluster.includes(xid)));
    if (!one || !two || one === two) continue;
    const union = [...one, ...two];
    if (isFine(union, identities, rules, limits)) {
      clusters = [...clusters.filter((cluster) => cluster !== one && cluster !== two), union];
    } else if (isFine(union, identities, rules, { ...limits, identities: Infinity })) {
      const victims: string[] = [];
      while (union.length > limits.identities) {
        const victim = union.reduce((x, y) => (givesWayFirst(y, x, identities, newestFirst, rules) ? y : x));
        victims.push(...union.splice(union.indexOf(victim), 1));
      }
      return separated(xids, newestFirst, identities, rules, limits, [...evicted, ...victims]);
    }
  }
  return clusters;
}

function givesWayFirst(
  one: string,
  two: string,
  identities: readonly GraphIdentity[],
  links: readonly GraphLink[],
  rules: LinkingRules,
): boolean {
  const [strengthOne, strengthTwo] = [one, two].map((xid) => rules.strengthOf(namespaceOf(xid, identities)));
  if (strengthOne !== strengthTwo) return Number(strengthOne) < Number(strengthTwo);
  const [seenOne, seenTwo] = [one, two].map((xid) =>
    Math.max(...links.filter(({ a, b }) => a === xid || b === xid).map(({ last }) => last)),
  );
  if (seenOne !== seenTwo) return Number(seenOne) < Number(seenTwo);
  return one > two;
}
