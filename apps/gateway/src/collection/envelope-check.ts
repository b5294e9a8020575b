import type { Fault, JsonValue, RecordEnvelope, Tenant } from '@tessera/contracts';
import { asEnvelope, envelopeFaults, organisationFaults, schemaReferenceFaults } from '@tessera/domain';
import type { StoredDataset } from '@tessera/stores';

export type CheckedEnvelope =
  | { readonly ok: true; readonly envelope: RecordEnvelope; readonly dataset: StoredDataset }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** The dataset a message names, as far as its envelope can be read. */
export function namedDataset(message: JsonValue): string | undefined {
  return envelopeFaults(message).length === 0 ? asEnvelope(message).header.datasetId : undefined;
}

/**
 * Checks one message against its inlet: organisation, dataset, schema (spec 03-ingestion, "Streaming"). What the record
 * itself says is not looked at.
 */
export function checkEnvelope(
  message: JsonValue,
  tenant: Tenant,
  datasets: ReadonlyMap<string, StoredDataset>,
): CheckedEnvelope {
  const faults = envelopeFaults(message);
  if (faults.length > 0) return { ok: false, faults };
  const envelope = asEnvelope(message);
  faults.push(...organisationFaults(envelope, tenant.organisation));
  const { datasetId } = envelope.header;
  const dataset = datasets.get(datasetId);
  if (!dataset) {
    faults.push({ path: '/header/datasetId', message: `there is no dataset ${datasetId} in this sandbox` });
    return { ok: false, faults };
  }
  faults.push(...schemaReferenceFaults(envelope, dataset.schemaRef.id));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, envelope, dataset };
}
