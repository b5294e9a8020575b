import { LRUCache } from 'lru-cache';
import type { IdentityEvidence } from '@tessera/contracts';

/** Pieces of evidence that are remembered: some ten megabytes. */
const MAX_PIECES = 50_000;

/** By what a graph judges evidence that is said again. */
export interface EvidenceRules {
  /** What is remembered counts only as long as this text is the same. */
  readonly validity: string;
  /** Milliseconds in which ages are told apart; `ageStepOf` the sandbox's settings. */
  readonly ageStep: number;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * Which evidence this process has published, as far as it remembers: the same again tells the graph nothing, since evidence
 * is a set. What is forgotten is published once more, which does no harm.
 */
export class SaidEvidence {
  private readonly spans = new LRUCache<string, Span>({ max: MAX_PIECES });

  /**
   * Whether the graph would learn nothing from a piece of evidence: it knows all of it, by ages as old and, in whole steps,
   * as new. Evidence of a batch always counts as new: it goes when its batch does, unknown to this process.
   *
   * @param key of everything in the piece but its times.
   */
  isKnown(key: string, { batchId, first, last }: IdentityEvidence, { validity, ageStep }: EvidenceRules): boolean {
    const said = batchId === undefined ? this.spans.get(`${validity} ${key}`) : undefined;
    return said !== undefined && said.first <= first && Math.floor(last / ageStep) <= Math.floor(said.last / ageStep);
  }

  /** To be called once the brokers have it. `rules` as they were before it was published. */
  remember(key: string, { batchId, first, last }: IdentityEvidence, { validity }: EvidenceRules): void {
    if (batchId !== undefined) return;
    const place = `${validity} ${key}`;
    const said = this.spans.get(place) ?? { first, last };
    this.spans.set(place, { first: Math.min(said.first, first), last: Math.max(said.last, last) });
  }
}
