import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { parseRetention } from '@tessera/domain';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import { JobCommands } from '@tessera/jobs';
import { DatasetStore, type StoredDataset } from '@tessera/stores';
import { changeDataset, unknownDataset } from '../catalog/dataset-change.js';

/** How long datasets keep their events (spec 03-ingestion, "Expiry"). */
@Injectable()
export class ExpiryService {
  constructor(
    @Inject(DatasetStore) private readonly datasets: DatasetStore,
    @Inject(JobCommands) private readonly commands: JobCommands,
  ) {}

  /** @throws ProblemError `unknown-dataset`. */
  async get(tenant: Tenant, id: string): Promise<StoredDataset> {
    const dataset = await this.datasets.find(tenant, id);
    if (dataset === undefined) throw unknownDataset(id);
    return dataset;
  }

  /**
   * Sets how long a dataset keeps its events; null for ever. Reads go by it from now on; what is on disk follows by a job,
   * which every call commissions anew, so that one that failed half-way is made good by repeating it.
   *
   * @throws ProblemError `unknown-dataset`, `invalid-body`. @throws UnavailableError
   */
  async set({ tenant, clientId, requestId }: Requester, id: string, ttl: string | null): Promise<void> {
    const milliseconds = ttl === null ? undefined : parseRetention(ttl);
    if (ttl !== null && milliseconds === undefined) {
      throw invalid(
        'must be a duration of whole days, weeks, months or years from P1D to P100Y, such as P30D, or null',
      );
    }
    await changeDataset(this.datasets, tenant, id, ({ expiry: _, ...current }, updated) => {
      if (current.rules.behavior !== 'time-series') {
        throw invalid('is for datasets of events only, and this one is of records; delete records to remove them');
      }
      if (ttl === null || milliseconds === undefined) return current;
      return { ...current, expiry: { ttl, milliseconds, updated } };
    });
    await this.commands.submit(tenant, {
      id: randomUUID(),
      type: 'BACKFILL_TTL',
      properties: { datasetId: id, ttlValue: ttl },
      requestedBy: clientId,
      requestId,
      createdAt: Date.now(),
    });
  }
}

function invalid(message: string): ProblemError {
  const path = '/extensions/adobe_unifiedProfile/rowExpiration/ttlValue';
  return problem('invalid-body', { detail: `The expiry was not changed: it ${message}.`, errors: [{ path, message }] });
}
