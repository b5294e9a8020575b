import { Inject, Injectable, Optional } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { problem, type ProblemError, type Requester } from '@tessera/http';
import type { JobCommands } from '@tessera/jobs';
import { DatasetStore, rulesOf, switchesAfter, type DatasetFilter, type StoredDataset } from '@tessera/stores';
import { changeDataset, nameTaken, unknownDataset } from './dataset-change.js';
import { changedSettings, type DatasetPatch, type DatasetSettings } from './dataset-settings.js';
import type { KnownSchema, SchemaLookup } from './schema-lookup.js';

export const SCHEMA_LOOKUP = Symbol('schema lookup');
export const JOB_COMMANDS = Symbol('commands of jobs');

const FIRST_VERSION = '1.0.0';

/** The datasets of a sandbox (spec 03-ingestion, "Catalogue"). */
@Injectable()
export class CatalogService {
  constructor(
    @Inject(DatasetStore) private readonly datasets: DatasetStore,
    @Inject(SCHEMA_LOOKUP) private readonly schemas: SchemaLookup,
    @Optional() @Inject(JOB_COMMANDS) private readonly commands?: JobCommands,
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

  /** @throws ProblemError `invalid-body` for an unknown schema, `schema-not-enabled`, `dataset-exists`. */
  async create(requester: Requester, settings: DatasetSettings): Promise<StoredDataset> {
    const { tenant, clientId } = requester;
    const schema = await this.schemas.find(tenant, settings.schemaRef.id);
    if (schema === undefined) throw noSuchSchema(settings.schemaRef.id);
    const rules = rulesOf(settings.tags, schema.behavior);
    if (rules.profile) checkEnabled(schema);
    const now = Date.now();
    const created = await this.datasets.create({
      tenant,
      ...settings,
      rules,
      created: now,
      updated: now,
      version: FIRST_VERSION,
      createdUser: clientId,
    });
    if (created === 'name-taken') throw nameTaken(settings.name);
    if (await this.schemas.hold(tenant, schema.id)) return created;
    await this.remove(requester, created.id);
    throw noSuchSchema(schema.id);
  }

  /**
   * @throws ProblemError `unknown-dataset`, `invalid-body`, `patch-not-applicable`, `schema-not-enabled`, `dataset-exists`,
   * `dataset-changed`.
   */
  async patch({ tenant, sandbox }: Requester, id: string, patch: DatasetPatch): Promise<void> {
    const { schemaRef } = await this.get(tenant, id);
    const schema = await this.schemas.find(tenant, schemaRef.id);
    await changeDataset(this.datasets, tenant, id, (current, now) => {
      const settings = changedSettings(current, sandbox, patch);
      const rules = rulesOf(settings.tags, current.rules.behavior);
      if (schema && rules.profile && !current.rules.profile) checkEnabled(schema);
      const switches = switchesAfter(current, rules, now);
      const { created, createdUser, updated, version, expiry } = current;
      const kept = { created, createdUser, updated, version, switches, ...(expiry && { expiry }) };
      return { id, tenant, ...settings, rules, ...kept };
    });
  }

  /**
   * Removes a dataset from the catalogue; its data goes by a job.
   *
   * @throws ProblemError `unknown-dataset`.
   */
  async remove({ tenant, clientId, requestId }: Requester, id: string): Promise<void> {
    const job = await this.datasets.delete(tenant, id, { requestedBy: clientId, requestId });
    if (!job) throw unknownDataset(id);
    // Accepted it is either way: what is not published now is found by those who do it.
    await this.commands?.publish(job).catch(() => undefined);
  }
}

function noSuchSchema(id: string): ProblemError {
  return problem('invalid-body', {
    detail: `The sandbox has no schema ${id.slice(0, 256)}.`,
    errors: [{ path: '/schemaRef/id', message: 'is not a schema of this sandbox' }],
  });
}

/** @throws ProblemError `schema-not-enabled`. */
function checkEnabled({ id, enabled }: KnownSchema): void {
  if (enabled) return;
  throw problem('schema-not-enabled', {
    detail: `The schema ${id} is not enabled for profiles; add "union" to its meta:immutableTags first, then enable the dataset.`,
    errors: [{ path: '/tags/unifiedProfile', message: 'needs a schema that is enabled for profiles' }],
  });
}
