import type { JsonObject, JsonValue } from '@tessera/contracts';
import {
  compareText,
  emptyObject,
  pointerNames,
  select,
  type FieldSource,
  type LeafExplanation,
  type LinkEvidence,
  type Selector,
  type SourcedValue,
} from '@tessera/domain';
import type { DatedLink, Explanation } from './explain.service.js';
import { instant } from './profile-answer.js';

/** An explanation as it is answered. Equal data gives byte-identical answers. */
export function explainAnswer({ person, merge, chains }: Explanation, selector?: Selector) {
  const { xid, rules, xids } = person;
  const identity = identityShower(person.scope);
  const source = ({ datasetId, xid: of, age }: FieldSource) => ({
    datasetId,
    identity: identity(of),
    age: instant(age),
  });
  const sourced = ({ pointer, path, source: from, value }: SourcedValue) => ({ ...source(from), path, pointer, value });
  const leaves = selector === undefined ? merge.leaves : merge.leaves.filter((leaf) => isSelected(leaf, selector));
  return {
    entityId: xid,
    ...(rules.policyId !== undefined && { mergePolicy: { id: rules.policyId } }),
    identityGraph: { type: rules.graph },
    attributeMerge: rules.attributeMerge,
    fields: leaves.map(({ path, pointer, value, winner, rule, beaten, united }) => ({
      path,
      pointer,
      value,
      rule,
      winner: source(winner),
      beaten: beaten.map(sourced),
      ...(united && { united: united.map(sourced) }),
    })),
    fragments: { merged: merge.candidates.map(source), leftOut: merge.excluded.map(source) },
    identities: xids.map((of) => {
      const chain = chains.get(of);
      return { ...identity(of), ...(chain && { chain: chainAnswer(xid, chain, identity) }) };
    }),
  };
}

type ShowIdentity = (xid: string) => { readonly xid: string };

function identityShower(scope: Explanation['person']['scope']): ShowIdentity {
  const known = new Map(scope.map((identity) => [identity.xid, identity]));
  return (xid) => {
    const identity = known.get(xid);
    return { xid, ...(identity && { id: identity.id, namespace: { code: identity.namespace } }) };
  };
}

function chainAnswer(start: string, chain: readonly DatedLink[], identity: ShowIdentity) {
  let from = start;
  return chain.map(({ a, b, evidence }) => {
    const to = a === from ? b : a;
    const link = { from: identity(from), to: identity(to), evidence: evidenceAnswer(evidence) };
    from = to;
    return link;
  });
}

/** Newest first. */
function evidenceAnswer(evidence: DatedLink['evidence']) {
  return Object.entries(evidence)
    .sort(([key, one], [otherKey, other]) => other.last - one.last || compareText(key, otherKey))
    .map(([, { datasetId, batchId, first, last }]: [string, LinkEvidence]) => ({
      datasetId,
      ...(batchId !== undefined && { batchId }),
      first: instant(first),
      last: instant(last),
    }));
}

/** Whether a lookup with this selector would show something of the leaf. */
function isSelected({ pointer, value }: LeafExplanation, selector: Selector): boolean {
  const entity = pointerNames(pointer).reduceRight<JsonValue>((below, name) => {
    const object: JsonObject = emptyObject();
    object[name] = below;
    return object;
  }, value);
  return Object.keys(select(selector, entity as JsonObject)).length > 0;
}
