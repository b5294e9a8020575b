import type { IdentityEvidence } from '@tessera/contracts';
import type { FenceTable } from '@tessera/stores';

/**
 * What evidence still says after everything that was deleted: nothing of a dataset, batch or sandbox that was deleted
 * after the records behind it were accepted, and nothing of identities that were.
 */
export function undeletedEvidence(evidence: readonly IdentityEvidence[], fences: FenceTable): IdentityEvidence[] {
  if (fences.isEmpty) return [...evidence];
  return evidence.flatMap((item) => {
    const { since = -Infinity } = item;
    if (fences.ofSource(item) > since) return [];
    const identities = item.identities.filter(({ xid }) => fences.ofPerson(xid) <= since);
    return identities.length === 0 ? [] : [{ ...item, identities }];
  });
}
