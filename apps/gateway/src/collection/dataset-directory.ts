import { LRUCache } from 'lru-cache';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { DatasetReader, StoredDataset } from '@tessera/stores';

/** Milliseconds a dataset is believed to exist unchanged; the worker, which decides, reads it afresh for every batch. */
const TIME_TO_LIVE = 1_000;
const MAX_DATASETS = 10_000;

/** Datasets by id for the ingest path: known ones from memory, all unknown ones of a request in one read. */
export class DatasetDirectory {
  private readonly known = new LRUCache<string, StoredDataset>({ max: MAX_DATASETS, ttl: TIME_TO_LIVE });

  constructor(private readonly reader: DatasetReader) {}

  /** Those of the ids that are datasets of the tenant. */
  async find(tenant: Tenant, ids: ReadonlySet<string>): Promise<Map<string, StoredDataset>> {
    const found = new Map<string, StoredDataset>();
    const missing: string[] = [];
    for (const id of ids) {
      const dataset = this.known.get(id);
      if (dataset) found.set(id, dataset);
      else missing.push(id);
    }
    if (missing.length > 0) {
      for (const [id, dataset] of await this.reader.findMany(missing)) {
        this.known.set(id, dataset);
        found.set(id, dataset);
      }
    }
    for (const [id, dataset] of found) if (tenantKey(dataset.tenant) !== tenantKey(tenant)) found.delete(id);
    return found;
  }
}
