import fc from 'fast-check';
import type { GraphLink } from './graph.js';
import { linkChains } from './link-chains.js';

const arbitraryLinks = fc
  .uniqueArray(
    fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 3 })),
    {
      selector: ([one, other]) => [Math.min(one, other), Math.max(one, other)].join('-'),
      maxLength: 14,
    },
  )
  .map((triples) =>
    triples
      .filter(([one, other]) => one !== other)
      .map(([one, other, last]): GraphLink => ({ a: `x${Math.min(one, other)}`, b: `x${Math.max(one, other)}`, last })),
  );

/** Every chain from `start` that visits nothing twice, by where it ends. */
function allChains(start: string, links: readonly GraphLink[]): Map<string, { path: string[]; chain: GraphLink[] }[]> {
  const found = new Map<string, { path: string[]; chain: GraphLink[] }[]>();
  const walk = (path: string[], chain: GraphLink[]) => {
    const end = path.at(-1) ?? start;
    found.set(end, [...(found.get(end) ?? []), { path, chain }]);
    for (const link of links) {
      const next = link.a === end ? link.b : link.b === end ? link.a : undefined;
      if (next !== undefined && !path.includes(next)) walk([...path, next], [...chain, link]);
    }
  };
  walk([start], []);
  return found;
}

/** Positive when `other` is to be preferred: compares from the end of the chains. */
function compare(one: { path: string[]; chain: GraphLink[] }, other: { path: string[]; chain: GraphLink[] }): number {
  if (one.chain.length !== other.chain.length) return one.chain.length - other.chain.length;
  for (let index = one.chain.length - 1; index >= 0; index -= 1) {
    const newer = (other.chain[index]?.last ?? 0) - (one.chain[index]?.last ?? 0);
    if (newer !== 0) return newer;
    const [from, otherFrom] = [one.path[index] ?? '', other.path[index] ?? ''];
    if (from !== otherFrom) return from < otherFrom ? -1 : 1;
  }
  return 0;
}

describe('chains of links', () => {
  it('are the best of all chains that there are, whatever the order of the links', () => {
    fc.assert(
      fc.property(arbitraryLinks, (links) => {
        const expected = new Map(
          [...allChains('x0', links)].map(([end, chains]) => [end, chains.sort(compare)[0]?.chain]),
        );
        expect(new Map(linkChains('x0', links))).toEqual(expected);
        expect(new Map(linkChains('x0', links.toReversed()))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('prefer few steps to new evidence, and new evidence to any other equally short way', () => {
    const old = { a: 'a', b: 'd', last: 1 };
    const links = [
      { a: 'a', b: 'b', last: 9 },
      { a: 'b', b: 'd', last: 9 },
      old,
      { a: 'a', b: 'c', last: 2 },
      { a: 'c', b: 'e', last: 5 },
      { a: 'd', b: 'e', last: 4 },
    ];
    const chains = linkChains('a', links);
    expect(chains.get('d')).toEqual([old]);
    expect(chains.get('e')).toEqual([links[3], links[4]]);
  });
});
