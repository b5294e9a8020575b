import type { Identity, JsonObject } from '@tessera/contracts';
import { emptyObject } from '../merge/canonical-json.js';
import type { Fragment } from '../merge/fragment.js';
import { mergeFragments } from '../merge/merge.js';
import type { MergeRules } from '../merge/merge-rules.js';
import { personIdentities } from '../merge/person-identities.js';

/**
 * The whole entity that projections of a person select from: what a lookup by the same rules shows.
 *
 * @param fragments those of the identities in scope, of the schema that is projected.
 * @param scope the identities in scope, in the order of their XIDs.
 */
export function edgeEntity(fragments: readonly Fragment[], scope: readonly Identity[], rules: MergeRules): JsonObject {
  const { entity } = mergeFragments(fragments, rules.attributeMerge);
  return Object.assign(emptyObject(), entity, { identities: personIdentities(scope, entity) });
}
