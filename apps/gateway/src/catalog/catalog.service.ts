import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import { DatasetStore, rulesOf, type DatasetFilter, type StoredDataset } from '@tessera/stores';
import { changedSettings, type DatasetPatch, type DatasetSettings } from './dataset-settings.js';
import type { SchemaLookup } from './schema-lookup.js';

export const SCHEMA_LOOKUP = Symbol('schema lookup');

const FIRST_VERSION = '1.0.0';
/** Tries of a change against concurrent ones; each failed try means that another change came through. */
const MOST_TRIES = 10;

/** The datasets of a sandbox (spec 03-ingestion, "Catalogue"). */
@Injectable()
export class CatalogService {
  constructor(
    @Inject(DatasetStore) private readonly datasets: DatasetStore,
    @Inject(SCHEMA_LOOKUP) private readonly schemas: SchemaLookup,
  ) {}

  /** @throws ProblemError `unknown-dataset`. */
  async get(tenant: Tenant, id: string): Promise<StoredDataset> {
    const dataset = await this.datasets.find(tenant, id);
    if (dataset === undefined) throw unknownDataset(id);
    return dataset;
  }

  list(tenant: Tenant, filter: DatasetFilter, page: { start: number; limit: number }): Promise<StoredDataset[]> {
    return this.datasets.list(tenant, filter, page);
  }

  /** @throws ProblemError `invalid-body` for an unknown schema, `dataset-exists`. */
  async create({ tenant, clientId }: Requester, settings: DatasetSettings): Promise<StoredDataset> {
    const schema = await this.schemas.find(tenant, settings.schemaRef.id);
    if (schema === undefined) {
      throw problem('invalid-body', {
        detail: `The sandbox has no schema ${settings.schemaRef.id.slice(0, 256)}.`,
        errors: [{ path: '/schemaRef/id', message: 'is not a schema of this sandbox' }],
      });
    }
    const now = Date.now();
    const created = await this.datasets.create({
      tenant,
      ...settings,
      rules: rulesOf(settings.tags, schema.behavior),
      created: now,
      updated: now,
      version: FIRST_VERSION,
      createdUser: clientId,
    });
    if (created === 'name-taken') throw nameTaken(settings.name);
    return created;
  }

  /** @throws ProblemError `unknown-dataset`, `invalid-body`, `patch-not-applicable`, `dataset-exists`, `dataset-changed`. */
  async patch(tenant: Tenant, id: string, patch: DatasetPatch): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const current = await this.get(tenant, id);
      const settings = changedSettings(current, patch);
      const { created, createdUser } = current;
      const rules = rulesOf(settings.tags, current.rules.behavior);
      const version = nextVersion(current.version);
      const next = { id, tenant, ...settings, rules, created, updated: Date.now(), version, createdUser };
      const outcome = await this.datasets.replace(next, current.version);
      if (outcome === 'replaced') return;
      if (outcome === 'name-taken') throw nameTaken(settings.name);
    }
    throw problem('dataset-changed', { detail: 'Others kept changing the dataset at the same moment; send it again.' });
  }

  /**
   * Removes a dataset from the catalogue; its data goes by a job.
   *
   * @throws ProblemError `unknown-dataset`.
   */
  async remove({ tenant, clientId, requestId }: Requester, id: string): Promise<void> {
    const order = { acceptedAt: Date.now(), requestedBy: clientId, requestId };
    if (!(await this.datasets.delete(tenant, id, order))) throw unknownDataset(id);
  }
}

/** Raises the last part of `<major>.<minor>.<patch>`. */
function nextVersion(version: string): string {
  const [major = '1', minor = '0', patch = '0'] = version.split('.');
  return `${major}.${minor}.${Number(patch) + 1}`;
}

function unknownDataset(id: string): ProblemError {
  return problem('unknown-dataset', { detail: `The sandbox has no dataset ${id.slice(0, 256)}.` });
}

function nameTaken(name: string): ProblemError {
  return problem('dataset-exists', { detail: `The sandbox has another dataset named "${name}"; choose another name.` });
}
