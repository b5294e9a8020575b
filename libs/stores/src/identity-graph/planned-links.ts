import type { FoldedLink, GraphLink, LinkEvidence } from '@tessera/domain';
import type { LinkDocument } from './graph-documents.js';

/** Says whether a piece of evidence of a link between two XIDs is to go. */
export type Withdrawal = (evidence: LinkEvidence, a: string, b: string) => boolean;

/** A link as it will be; its age counts in steps. */
export interface PlannedLink extends GraphLink {
  readonly id: string;
  /** Whether the link is stored already. */
  readonly stored: boolean;
  /** Keys of stored evidence to be removed. */
  readonly withdrawn: readonly string[];
}

/**
 * Stored links with evidence added and withdrawn.
 *
 * @param ageStep milliseconds in which ages are told apart; `ageStepOf` the settings.
 */
export function planLinks(
  added: readonly FoldedLink[],
  stored: readonly LinkDocument[],
  withdrawal: Withdrawal | undefined,
  ageStep: number,
): { readonly kept: readonly PlannedLink[]; readonly gone: readonly string[] } {
  const kept = new Map<string, PlannedLink>();
  const gone: string[] = [];
  for (const { _id: id, a, b, evidence } of stored) {
    const [withdrawn, left] = [[] as string[], [] as LinkEvidence[]];
    for (const [key, entry] of Object.entries(evidence)) {
      if (withdrawal?.(entry, a, b) === true) withdrawn.push(key);
      else left.push(entry);
    }
    if (left.length === 0) gone.push(id);
    else kept.set(id, { id, a, b, last: newest(left, ageStep), stored: true, withdrawn });
  }
  for (const { id, a, b, evidence } of added) {
    const known = kept.get(id);
    const last = Math.max(known?.last ?? -Infinity, newest(evidence.values(), ageStep));
    kept.set(id, { id, a, b, last, stored: known?.stored ?? false, withdrawn: known?.withdrawn ?? [] });
  }
  return { kept: [...kept.values()], gone };
}

function newest(evidence: Iterable<LinkEvidence>, ageStep: number): number {
  let last = -Infinity;
  for (const entry of evidence) last = Math.max(last, entry.last);
  return Math.floor(last / ageStep);
}
