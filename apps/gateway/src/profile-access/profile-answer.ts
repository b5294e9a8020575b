import type { Identity } from '@tessera/contracts';
import { emptyObject, isJsonObject, personIdentities, select, type Selector } from '@tessera/domain';
import type { ComputedFields } from './computed-values.js';
import type { MergedPerson } from './lookup.service.js';
import type { RequestedIdentity } from './requested-identity.js';

/** A merged profile as the published API answers it (spec 06-entities). Equal profiles give byte-identical answers. `computed` is added to what was merged. */
export function profileAnswer(person: MergedPerson, selector?: Selector, computed: ComputedFields = {}) {
  const { xid, xids, rules, merged, requested, scope } = person;
  const whole = Object.assign(emptyObject(), merged.entity, { identities: personIdentities(scope, merged.entity) });
  for (const [name, fields] of Object.entries(computed)) {
    const known = merged.entity[name];
    whole[name] = Object.assign(emptyObject(), isJsonObject(known) ? known : {}, fields);
  }
  return {
    entityId: xid,
    requestedIdentity: requestedAnswer(requested, person),
    ...(rules.policyId !== undefined && { mergePolicy: { id: rules.policyId } }),
    sources: merged.sources,
    identityGraph: xids,
    entity: selector ? select(selector, whole) : whole,
    lastModifiedAt: instant(merged.lastModifiedAt),
  };
}

/** What an identity among many is answered with that nothing is known about. */
export function unknownProfileAnswer(xid: string) {
  return { entityId: xid, sources: [''], entity: {}, lastModifiedAt: instant(0) };
}

/** ISO 8601 in UTC, without a fraction where it is zero. */
export function instant(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function requestedAnswer({ entityId, namespaceCode }: RequestedIdentity, { xid, scope }: MergedPerson) {
  if (namespaceCode !== undefined) return { entityId, entityIdNS: { code: namespaceCode } };
  const known: Identity | undefined = scope.find((member) => member.xid === xid);
  return known ? { entityId: known.id, entityIdNS: { code: known.namespace } } : { entityId };
}
