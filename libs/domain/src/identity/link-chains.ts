import type { GraphLink } from './graph.js';

/**
 * How each identity hangs together with one of them: the shortest chain of links to it. Of several, the one whose last
 * step is the newest, then the one that takes it from the smaller XID, and so on back to the start. A function of the set
 * of links alone, whatever their order.
 *
 * @returns by XID the links in order from `start`; none for `start` itself. What is not connected is absent.
 */
export function linkChains<Link extends GraphLink>(
  start: string,
  links: readonly Link[],
): ReadonlyMap<string, readonly Link[]> {
  const linksOf = new Map<string, Link[]>();
  for (const link of links) {
    for (const xid of [link.a, link.b]) {
      const known = linksOf.get(xid);
      if (known) known.push(link);
      else linksOf.set(xid, [link]);
    }
  }
  const chains = new Map<string, readonly Link[]>([[start, []]]);
  for (let reached: readonly string[] = [start]; reached.length > 0;) {
    const steps = new Map<string, Step<Link>>();
    for (const from of reached) {
      for (const link of linksOf.get(from) ?? []) {
        const to = link.a === from ? link.b : link.a;
        if (chains.has(to)) continue;
        const step = { from, link };
        const known = steps.get(to);
        if (known === undefined || isBetter(step, known)) steps.set(to, step);
      }
    }
    for (const [to, { from, link }] of steps) chains.set(to, [...(chains.get(from) ?? []), link]);
    reached = [...steps.keys()];
  }
  return chains;
}

interface Step<Link> {
  readonly from: string;
  readonly link: Link;
}

function isBetter(one: Step<GraphLink>, other: Step<GraphLink>): boolean {
  return one.link.last === other.link.last ? one.from < other.from : one.link.last > other.link.last;
}
