import type { IdentityEvidence } from '@tessera/contracts';
import { SaidEvidence } from './said-evidence.js';

const rules = { validity: 'O/prod 0 0 0', ageStep: 1_000 };

function of(first: number, last = first, more: Partial<IdentityEvidence> = {}): IdentityEvidence {
  const identities = [{ xid: 'a', namespace: 'email', id: 'ada' }];
  return { identities, links: true, datasetId: 'd', first, last, acceptedAt: last, ...more };
}

/** What a graph that was told of some evidence would still learn from another piece. */
function isKnown(said: readonly IdentityEvidence[], evidence: IdentityEvidence, now = rules, key = 'k'): boolean {
  const memory = new SaidEvidence();
  for (const one of said) memory.remember('k', one, rules);
  return memory.isKnown(key, evidence, now);
}

describe('evidence that was said', () => {
  it('is known once it was said, and no other is', () => {
    expect(isKnown([], of(5_000))).toBe(false);
    expect(isKnown([of(5_000)], of(5_000))).toBe(true);
    expect(isKnown([of(5_000)], of(5_000), rules, 'another')).toBe(false);
  });

  it('is news where it is older, or newer by a step', () => {
    expect(isKnown([of(5_000)], of(4_999, 5_000))).toBe(false);
    expect(isKnown([of(5_000)], of(5_999))).toBe(true);
    expect(isKnown([of(5_000)], of(6_000))).toBe(false);
  });

  it('is known over the whole span of what was said, in whatever order', () => {
    for (const said of [
      [of(3_000), of(9_000)],
      [of(9_000), of(3_000)],
    ]) {
      expect([of(3_000, 9_000), of(4_000), of(2_999), of(10_000)].map((one) => isKnown(said, one))).toEqual([
        true,
        true,
        false,
        false,
      ]);
    }
  });

  it('is news after anything happened to the sandbox that it may have been lost by', () => {
    expect(isKnown([of(5_000)], of(5_000), { ...rules, validity: 'O/prod 0 1 0' })).toBe(false);
  });

  it('is always news of a batch, which may have been taken back', () => {
    const batch = of(5_000, 5_000, { batchId: 'b' });
    expect(isKnown([batch], batch)).toBe(false);
  });
});
