import type { Fault, JsonValue, RecordEnvelope, Tenant } from '@tessera/contracts';
import { asEnvelope, envelopeFaults, namedDataset, organisationFaults, schemaReferenceFaults } from '@tessera/domain';
import type { StoredDataset } from '@tessera/stores';

export type CheckedEnvelope =
  | { readonly ok: true; readonly envelope: RecordEnvelope; readonly dataset: StoredDataset }
  /** The dataset, where it is known all the same. */
  | { readonly ok: false; readonly faults: readonly Fault[]; readonly dataset: StoredDataset | undefined };

/**
 * Checks one message against its inlet: organisation, dataset, schema (spec 03-ingestion, "Streaming"), each as far as it can
 * be read. What the record itself says is not looked at.
 */
export function checkEnvelope(
  message: JsonValue,
  tenant: Tenant,
  datasets: ReadonlyMap<string, StoredDataset>,
): CheckedEnvelope {
  const faults = [...envelopeFaults(message), ...organisationFaults(message, tenant.organisation)];
  const datasetId = namedDataset(message);
  const dataset = datasetId === undefined ? undefined : datasets.get(datasetId);
  if (dataset !== undefined) faults.push(...schemaReferenceFaults(message, dataset.schemaRef.id));
  else if (datasetId !== undefined) {
    faults.push({ path: '/header/datasetId', message: `there is no dataset ${datasetId} in this sandbox` });
  }
  if (faults.length > 0 || dataset === undefined) return { ok: false, faults, dataset };
  return { ok: true, envelope: asEnvelope(message), dataset };
}
