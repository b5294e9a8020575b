import { randomUUID } from 'node:crypto';
import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { newSessions, TransactionRunner } from '../identity-graph/transaction-runner.js';
import {
  fromDescriptorDocument,
  fromSchemaDocument,
  toDescriptorDocument,
  toSchemaDocument,
  type DescriptorDocument,
  type RegistryDocument,
  type SchemaDocument,
} from './schema-document.js';
import type { RegistryChange, RegistrySnapshot, StoredDescriptor, StoredSchema } from './stored-schema.js';

/** What checking records needs of schemas. */
export interface SchemaReader {
  /** A number that every change of the sandbox's schemas or descriptors raises; 0 before the first. */
  revision(tenant: Tenant): Promise<number>;
  findMany(tenant: Tenant, ids: readonly string[]): Promise<StoredSchema[]>;
  descriptorsOf(tenant: Tenant, schemaIds: readonly string[]): Promise<StoredDescriptor[]>;
}

/** A place in a list that is ordered by creation. */
export interface CreationPlace {
  /** Epoch ms. */
  readonly created: number;
  readonly id: string;
}

/**
 * Schemas and descriptors of sandboxes. Rules over all of a sandbox's (what refers to what, one primary identity for each
 * schema) hold at every moment, for every change is made from one {@link RegistrySnapshot} and refused once it is outdated.
 */
export class SchemaStore implements SchemaReader {
  private readonly schemas: Collection<SchemaDocument>;
  private readonly descriptors: Collection<DescriptorDocument>;
  private readonly registries: Collection<RegistryDocument>;
  private readonly transactions: TransactionRunner;

  constructor(database: Database) {
    this.schemas = database.collection('schemas');
    this.descriptors = database.collection('schema_descriptors');
    this.registries = database.collection('schema_registries');
    this.transactions = new TransactionRunner(newSessions(database.client), { concurrency: 1 });
  }

  async revision(tenant: Tenant): Promise<number> {
    const registry = await available(this.registries.findOne({ _id: tenantKey(tenant) }));
    return registry?.revision ?? 0;
  }

  /** By `$id` or `meta:altId`. */
  async find(tenant: Tenant, id: string): Promise<StoredSchema | undefined> {
    const found = await available(
      this.schemas.findOne({ tenant: tenantKey(tenant), $or: [{ _id: id }, { altId: id }] }),
    );
    return found === null ? undefined : fromSchemaDocument(tenant, found);
  }

  async findMany(tenant: Tenant, ids: readonly string[]): Promise<StoredSchema[]> {
    if (ids.length === 0) return [];
    const found = await available(this.schemas.find({ _id: { $in: [...ids] }, tenant: tenantKey(tenant) }).toArray());
    return found.map((document) => fromSchemaDocument(tenant, document));
  }

  async descriptorsOf(tenant: Tenant, schemaIds: readonly string[]): Promise<StoredDescriptor[]> {
    if (schemaIds.length === 0) return [];
    const filter = { tenant: tenantKey(tenant), schemaId: { $in: [...schemaIds] } };
    const found = await available(this.descriptors.find(filter).sort({ created: 1, _id: 1 }).toArray());
    return found.map((document) => fromDescriptorDocument(tenant, document));
  }

  async findDescriptor(tenant: Tenant, id: string): Promise<StoredDescriptor | undefined> {
    const found = await available(this.descriptors.findOne({ _id: id, tenant: tenantKey(tenant) }));
    return found === null ? undefined : fromDescriptorDocument(tenant, found);
  }

  /** Oldest first, those after a place only. */
  async list(tenant: Tenant, limit: number, after?: CreationPlace): Promise<StoredSchema[]> {
    const filter = { tenant: tenantKey(tenant), ...(after && laterThan(after)) };
    const found = await available(this.schemas.find(filter).sort({ created: 1, _id: 1 }).limit(limit).toArray());
    return found.map((document) => fromSchemaDocument(tenant, document));
  }

  /** Oldest first, those after a place only. */
  async listDescriptors(tenant: Tenant, limit: number, after?: CreationPlace): Promise<StoredDescriptor[]> {
    const filter = { tenant: tenantKey(tenant), ...(after && laterThan(after)) };
    const found = await available(this.descriptors.find(filter).sort({ created: 1, _id: 1 }).limit(limit).toArray());
    return found.map((document) => fromDescriptorDocument(tenant, document));
  }

  /** Everything of a sandbox. What is read beyond the revision makes a change of it fail, so that it is read again. */
  async load(tenant: Tenant): Promise<RegistrySnapshot> {
    const revision = await this.revision(tenant);
    const filter = { tenant: tenantKey(tenant) };
    const [schemas, descriptors] = await Promise.all([
      available(this.schemas.find(filter).sort({ created: 1, _id: 1 }).toArray()),
      available(this.descriptors.find(filter).sort({ created: 1, _id: 1 }).toArray()),
    ]);
    return {
      revision,
      schemas: schemas.map((document) => fromSchemaDocument(tenant, document)),
      descriptors: descriptors.map((document) => fromDescriptorDocument(tenant, document)),
    };
  }

  /**
   * Makes a change that was decided on what {@link load} read.
   *
   * @param revision of the snapshot it was decided on.
   * @returns whether it was made; not when there was another change meanwhile.
   */
  async change(tenant: Tenant, revision: number, change: RegistryChange): Promise<boolean> {
    const key = tenantKey(tenant);
    const lastChange = randomUUID();
    const { results } = await this.transactions.run([[change]], async (_changes, session) => {
      const registry = await this.registries.findOne({ _id: key }, { session });
      if (registry?.lastChange === lastChange) return true;
      if ((registry?.revision ?? 0) !== revision) return false;
      const next = { _id: key, tenant: key, revision: revision + 1, lastChange };
      await this.registries.replaceOne({ _id: key }, next, { session, upsert: true });
      await this.write(key, change, session);
      return true;
    });
    return results[0] ?? false;
  }

  private async write(tenant: string, change: RegistryChange, session: ClientSession): Promise<void> {
    const { schemas = [], descriptors = [], deletedSchemas = [], deletedDescriptors = [] } = change;
    for (const schema of schemas) {
      const options = { session, upsert: true };
      await this.schemas.replaceOne({ _id: schema.id, tenant }, toSchemaDocument(schema), options);
    }
    if (descriptors.length > 0) await this.descriptors.insertMany(descriptors.map(toDescriptorDocument), { session });
    if (deletedSchemas.length > 0) {
      await this.schemas.deleteMany({ _id: { $in: [...deletedSchemas] }, tenant }, { session });
    }
    if (deletedDescriptors.length > 0) {
      await this.descriptors.deleteMany({ _id: { $in: [...deletedDescriptors] }, tenant }, { session });
    }
  }
}

function laterThan({ created, id }: CreationPlace) {
  return { $or: [{ created: { $gt: created } }, { created, _id: { $gt: id } }] };
}
