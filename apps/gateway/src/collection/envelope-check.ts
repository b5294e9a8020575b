import type { Fault, JsonValue, RecordEnvelope, Tenant } from '@tessera/contracts';
import { asEnvelope, envelopeFaults } from '@tessera/domain';
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
  const { header, body } = envelope;
  if (header.imsOrgId !== undefined && header.imsOrgId !== tenant.organisation) {
    faults.push({ path: '/header/imsOrgId', message: 'is not the organisation this inlet belongs to' });
  }
  const dataset = datasets.get(header.datasetId);
  if (!dataset) {
    faults.push({ path: '/header/datasetId', message: `there is no dataset ${header.datasetId} in this sandbox` });
    return { ok: false, faults };
  }
  const expected = dataset.schemaRef.id;
  const wrong = `is not the schema of the dataset: ${expected}`;
  if (header.schemaRef?.id !== expected) faults.push({ path: '/header/schemaRef/id', message: wrong });
  const named = body.xdmMeta.schemaRef?.id;
  if (named !== undefined && named !== expected) faults.push({ path: '/body/xdmMeta/schemaRef/id', message: wrong });
  return faults.length > 0 ? { ok: false, faults } : { ok: true, envelope, dataset };
}
