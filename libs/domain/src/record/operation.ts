import type { RecordOperation } from '@tessera/contracts';

/**
 * What a record does in its dataset: where records change single fields, one that asks for nothing else does (spec
 * 03-ingestion, "Upsert"). Events are never changed, and their datasets carry no such rule.
 */
export function operationIn(rules: { readonly upsert: boolean }, asked: RecordOperation): RecordOperation {
  return rules.upsert && asked === 'create' ? 'merge' : asked;
}
