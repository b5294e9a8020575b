import type { IdentityEvidence } from '@tessera/contracts';
import { evidenceKey, foldEvidence, linkId } from './graph-evidence.js';

const identity = (xid: string) => ({ xid, namespace: 'email', id: `${xid}@example.com` });
const evidence = (xids: string[], more: Partial<IdentityEvidence> = {}): IdentityEvidence => ({
  identities: xids.map(identity),
  links: true,
  datasetId: 'd1',
  first: 10,
  last: 20,
  acceptedAt: 100,
  ...more,
});

describe('folding identity evidence', () => {
  it('links every two identities of a record', () => {
    expect([...foldEvidence([evidence(['b', 'c', 'a'])]).links.keys()].sort()).toEqual(['a.b', 'a.c', 'b.c']);
  });

  it('widens the span of evidence that is repeated', () => {
    const folded = foldEvidence([
      evidence(['a', 'b'], { first: 5, last: 7 }),
      evidence(['b', 'a'], { first: 6, last: 30, acceptedAt: 300 }),
    ]);
    expect(folded.links.get('a.b')).toEqual({
      id: 'a.b',
      a: 'a',
      b: 'b',
      evidence: new Map([[evidenceKey({ datasetId: 'd1' }), { datasetId: 'd1', first: 5, last: 30 }]]),
    });
    expect(folded.identities.get('a')).toEqual({ identity: identity('a'), acceptedAt: 300 });
  });

  it('keeps datasets, batches and the stream apart', () => {
    const { links } = foldEvidence([
      evidence(['a', 'b']),
      evidence(['a', 'b'], { batchId: 'one' }),
      evidence(['a', 'b'], { batchId: 'two' }),
      evidence(['a', 'b'], { datasetId: 'd2' }),
    ]);
    expect(links.get('a.b')?.evidence.size).toBe(4);
  });

  it('only registers the identities of a dataset that does not feed the graph', () => {
    const folded = foldEvidence([evidence(['a', 'b'], { links: false })]);
    expect([...folded.identities.keys()]).toEqual(['a', 'b']);
    expect(folded.links.size).toBe(0);
  });

  it('does not link an identity with itself', () => {
    expect(foldEvidence([evidence(['a', 'a'])]).links.size).toBe(0);
  });

  it('names links the same from either end', () => {
    expect(linkId('b', 'a')).toBe(linkId('a', 'b'));
  });

  it('gives different evidence different keys that hold no character with a meaning in a path', () => {
    const ids = ['a', 'a_b', 'a.b', '$a', '__proto__', 'a_batch_b', '~', 'b', '\ud800', ''];
    const keys = ids.flatMap((datasetId) =>
      [undefined, 1, 12].flatMap((time) => {
        const since = time === undefined ? {} : { since: time };
        const ofBatches = ids.map((batchId) => evidenceKey({ datasetId, batchId, ...since }));
        return [evidenceKey({ datasetId, ...since }), ...ofBatches];
      }),
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9~_-]+$/);
  });
});
