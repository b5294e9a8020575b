import fc from 'fast-check';
import type { GraphIdentity, GraphLink } from './graph.js';
import { referenceClusters } from './graph.reference.js';
import { resolveGraph } from './graph-resolve.js';
import { defaultGraphLimits, linkingRules, type IdentitySettings } from './graph-rules.js';
import { builtInNamespaces, type Namespace } from './namespace.js';

const namespaces: Pick<Namespace, 'code' | 'idType'>[] = [
  ...builtInNamespaces,
  { code: 'CRMID', idType: 'CROSS_DEVICE' },
];
const rulesOf = (settings: IdentitySettings) => linkingRules(settings, namespaces);
const none = rulesOf({ namespaces: [] });
const crmUnique = rulesOf({ namespaces: [{ code: 'CRMID', unique: true }] });

const identity = (xid: string, namespace: string): GraphIdentity => ({ xid, namespace });
const link = (one: string, other: string, last: number): GraphLink =>
  one < other ? { a: one, b: other, last } : { a: other, b: one, last };
const clustersOf = (resolved: ReturnType<typeof resolveGraph>) =>
  resolved.components.flatMap(({ clusters }) => clusters.map((cluster) => [...cluster])).sort();

/** Every two of them linked, as one record does. */
const record = (xids: string[], last: number) =>
  xids.flatMap((one, index) => xids.slice(index + 1).map((other) => link(one, other, last)));

/** A few identities with many links in any order; small limits, so that everything bites. */
const graphs = fc
  .record({
    namespaces: fc.array(fc.constantFrom('email', 'crmid', 'ecid', 'gaid', 'phone'), { minLength: 1, maxLength: 14 }),
    ends: fc.array(fc.tuple(fc.nat(13), fc.nat(13), fc.nat(6)), { maxLength: 40 }),
    unique: fc.subarray(['email', 'crmid', 'gaid']),
    priorities: fc.dictionary(fc.constantFrom('email', 'crmid', 'ecid'), fc.integer({ min: 1, max: 5 })),
    limits: fc.record({ identities: fc.integer({ min: 1, max: 8 }), links: fc.integer({ min: 3, max: 30 }) }),
  })
  .map(({ namespaces: codes, ends, unique, priorities, limits }) => {
    const identities = codes.map((code, index) => identity(`x${String(index).padStart(2, '0')}`, code));
    const links = new Map<string, GraphLink>();
    for (const [one, other, last] of ends) {
      const [a, b] = [identities[one % identities.length], identities[other % identities.length]];
      if (!a || !b || a === b) continue;
      const added = link(a.xid, b.xid, last);
      links.set(`${added.a}.${added.b}`, added);
    }
    const rules = rulesOf({
      namespaces: [...new Set([...unique, ...Object.keys(priorities)])].map((code) => ({
        code,
        unique: unique.includes(code),
        ...(priorities[code] !== undefined && { priority: priorities[code] }),
      })),
    });
    return { identities, links: [...links.values()], rules, limits };
  });

describe('resolving a graph', () => {
  it('makes an identity without links a person of its own', () => {
    expect(resolveGraph([identity('a', 'email')], [], none).components).toEqual([
      { id: 'a', members: ['a'], contested: false, clusters: [['a']], leftOut: [], evicted: [] },
    ]);
  });

  it('makes one person of everything that hangs together', () => {
    const identities = ['d', 'b', 'c', 'a', 'e'].map((xid) => identity(xid, 'email'));
    const resolved = resolveGraph(identities, [link('b', 'c', 1), link('d', 'c', 2), link('a', 'e', 3)], none);
    expect(clustersOf(resolved)).toEqual([
      ['a', 'e'],
      ['b', 'c', 'd'],
    ]);
    expect(resolved.components.every(({ contested }) => !contested)).toBe(true);
  });

  it('moves a shared device to the person who used it last', () => {
    const identities = [
      identity('ada', 'crmid'),
      identity('ada-mail', 'email'),
      identity('bob', 'crmid'),
      identity('tablet', 'gaid'),
    ];
    const adaFirst = [...record(['ada', 'ada-mail', 'tablet'], 10), ...record(['bob', 'tablet'], 20)];
    expect(clustersOf(resolveGraph(identities, adaFirst, crmUnique))).toEqual([
      ['ada', 'ada-mail'],
      ['bob', 'tablet'],
    ]);
    const adaAgain = [...record(['ada', 'ada-mail', 'tablet'], 30), ...record(['bob', 'tablet'], 20)];
    const resolved = resolveGraph(identities, adaAgain, crmUnique);
    expect(clustersOf(resolved)).toEqual([['ada', 'ada-mail', 'tablet'], ['bob']]);
    expect(resolved.components[0]).toMatchObject({ contested: true, leftOut: [link('bob', 'tablet', 20)] });
  });

  it('prefers the namespace of higher priority where ages are equal', () => {
    const identities = [identity('1', 'ecid'), identity('2', 'email'), identity('3', 'crmid'), identity('4', 'crmid')];
    const links = [link('1', '2', 5), link('1', '3', 5), link('2', '4', 5)];
    expect(clustersOf(resolveGraph(identities, links, crmUnique))).toEqual([['1', '2', '4'], ['3']]);
    const cookiesFirst = rulesOf({
      namespaces: [
        { code: 'crmid', unique: true, priority: 2 },
        { code: 'Email', unique: false, priority: 3 },
        { code: 'ECID', unique: false, priority: 1 },
      ],
    });
    expect(clustersOf(resolveGraph(identities, links, cookiesFirst))).toEqual([['1', '2', '3'], ['4']]);
  });

  it('evicts cookies before devices before the rest when a person has too many identities', () => {
    const identities = [
      identity('a', 'email'),
      identity('b', 'ecid'),
      identity('c', 'gaid'),
      identity('d', 'phone'),
      identity('e', 'email'),
    ];
    const links = [link('a', 'c', 5), link('a', 'd', 3), link('a', 'e', 2), link('a', 'b', 9)];
    const evictedAt = (limit: number) =>
      resolveGraph(identities, links, none, { identities: limit, links: 500 }).components[0]?.evicted;
    expect(evictedAt(5)).toEqual([]);
    expect(evictedAt(4)).toEqual(['b']);
    expect(evictedAt(3)).toEqual(['b', 'c']);
    expect(evictedAt(2)).toEqual(['b', 'c', 'e']);
  });

  it('evicts the longest unseen of a kind', () => {
    const identities = [identity('a', 'email'), ...['k1', 'k2', 'k3'].map((xid) => identity(xid, 'ecid'))];
    const links = [link('a', 'k1', 30), link('a', 'k2', 10), link('a', 'k3', 20)];
    const [component] = resolveGraph(identities, links, none, { identities: 3, links: 500 }).components;
    expect(component).toMatchObject({ contested: true, evicted: ['k2'], clusters: [['a', 'k1', 'k3'], ['k2']] });
  });

  it('leaves no cluster that only an evicted identity held together', () => {
    const identities = [identity('a', 'email'), identity('b', 'ecid'), identity('c', 'email'), identity('d', 'email')];
    const links = [link('a', 'b', 4), link('b', 'c', 3), link('c', 'd', 2)];
    const resolved = resolveGraph(identities, links, none, { identities: 3, links: 500 });
    expect(clustersOf(resolved)).toEqual([['a'], ['b'], ['c', 'd']]);
  });

  it('keeps every link of a person in whom nothing bites', () => {
    const xids = Array.from({ length: 40 }, (_, index) => `x${index + 10}`);
    const resolved = resolveGraph(
      xids.map((xid) => identity(xid, 'email')),
      record(xids, 1),
      none,
    );
    expect(resolved).toMatchObject({ dropped: [], components: [{ members: xids, contested: false }] });
  });

  it('forgets the oldest links of a component beyond those it keeps', () => {
    const xids = Array.from({ length: 601 }, (_, index) => `x${index + 1000}`);
    const links = xids.slice(1).map((xid, index) => link('x1000', xid, index));
    const resolved = resolveGraph(
      xids.map((xid) => identity(xid, 'email')),
      links,
      none,
    );
    expect(new Set(resolved.dropped.map(({ last }) => last))).toEqual(
      new Set(Array.from({ length: 100 }, (_, i) => i)),
    );
    const [largest] = [...resolved.components].sort((one, other) => other.members.length - one.members.length);
    expect(largest?.members).toHaveLength(defaultGraphLimits.links + 1);
    expect(largest?.clusters.filter(({ length }) => length > 1)).toHaveLength(1);
    expect(Math.max(...(largest?.clusters.map(({ length }) => length) ?? []))).toBe(defaultGraphLimits.identities);
  });

  it('agrees with a plain recomputation', () => {
    fc.assert(
      fc.property(graphs, ({ identities, links, rules, limits }) => {
        const resolved = resolveGraph(identities, links, rules, limits);
        expect(clustersOf(resolved)).toEqual(referenceClusters(identities, links, rules, limits));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not depend on the order of identities and links', () => {
    fc.assert(
      fc.property(
        graphs.chain((graph) =>
          fc.record({
            graph: fc.constant(graph),
            identities: fc.shuffledSubarray(graph.identities, { minLength: graph.identities.length }),
            links: fc.shuffledSubarray(graph.links, { minLength: graph.links.length }),
          }),
        ),
        ({ graph, identities, links }) => {
          const byId = ({ components, dropped }: ReturnType<typeof resolveGraph>) => ({
            components: [...components].sort((one, other) => (one.id < other.id ? -1 : 1)),
            dropped: dropped.map(({ a, b }) => `${a}.${b}`).sort(),
          });
          const resolved = byId(resolveGraph(graph.identities, graph.links, graph.rules, graph.limits));
          expect(byId(resolveGraph(identities, links, graph.rules, graph.limits))).toEqual(resolved);
        },
      ),
    );
  });

  it('gives the same when what was kept is resolved again', () => {
    fc.assert(
      fc.property(graphs, ({ identities, links, rules, limits }) => {
        const once = resolveGraph(identities, links, rules, limits);
        const kept = links.filter((candidate) => !once.dropped.includes(candidate));
        const again = resolveGraph(identities, kept, rules, limits);
        expect(again.dropped).toEqual([]);
        expect(clustersOf(again)).toEqual(clustersOf(once));
      }),
    );
  });

  it('never breaks a rule, loses an identity or joins what no link joins', () => {
    fc.assert(
      fc.property(graphs, ({ identities, links, rules, limits }) => {
        const { components } = resolveGraph(identities, links, rules, limits);
        const clusters = components.flatMap((component) => component.clusters);
        expect(clusters.flat().sort()).toEqual(identities.map(({ xid }) => xid).sort());
        for (const cluster of clusters) {
          expect(cluster.length).toBeLessThanOrEqual(limits.identities);
          const inside = links.filter(({ a, b }) => cluster.includes(a) && cluster.includes(b));
          const members = cluster.map((xid) => identity(xid, 'any'));
          expect(resolveGraph(members, inside, none, { identities: 100, links: 100 }).components).toHaveLength(1);
          for (const namespace of rules.unique) {
            const values = identities.filter((one) => one.namespace === namespace && cluster.includes(one.xid));
            expect(values.length).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });
});
