import { randomBytes } from 'node:crypto';
import type { ClientSession, Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import { isDuplicateKey, type Database } from '../database.js';
import { DeletionAcceptance, type DeletionOrder } from '../deletions/deletion-acceptance.js';
import type { Job } from '../jobs/job.js';
import type { StoredDataset } from './dataset.js';
import { fromDocument, toDocument, type DatasetDocument } from './dataset-document.js';

/** What the ingest path and the workers need of datasets. */
export interface DatasetReader {
  /**
   * The datasets with these ids, of whatever tenant: ids come out of messages, so the caller compares the tenant with the
   * message's before it believes them.
   */
  findMany(ids: readonly string[]): Promise<ReadonlyMap<string, StoredDataset>>;
}

export interface DatasetFilter {
  readonly name?: string;
}

/** Datasets of the catalogue. Names are unique in a sandbox. */
export class DatasetStore implements DatasetReader {
  private readonly datasets: Collection<DatasetDocument>;

  constructor(private readonly database: Database) {
    this.datasets = database.collection('datasets');
  }

  async findMany(ids: readonly string[]): Promise<Map<string, StoredDataset>> {
    if (ids.length === 0) return new Map();
    const documents = await available(this.datasets.find({ _id: { $in: [...ids] } }).toArray());
    return new Map(documents.map((document) => [document._id, fromDocument(document)]));
  }

  async find(tenant: Tenant, id: string): Promise<StoredDataset | undefined> {
    const document = await available(this.datasets.findOne({ _id: id, tenant: tenantKey(tenant) }));
    return document ? fromDocument(document) : undefined;
  }

  /** One of the datasets of a schema. */
  async findBySchema(tenant: Tenant, schemaId: string): Promise<StoredDataset | undefined> {
    const filter = { tenant: tenantKey(tenant), 'schemaRef.id': schemaId };
    const document = await available(this.datasets.findOne(filter));
    return document ? fromDocument(document) : undefined;
  }

  /** Oldest first. */
  async list(
    tenant: Tenant,
    { name }: DatasetFilter,
    { start, limit }: { readonly start: number; readonly limit: number },
  ): Promise<StoredDataset[]> {
    const filter: Filter<DatasetDocument> = { tenant: tenantKey(tenant), ...(name !== undefined && { name }) };
    const documents = await available(
      this.datasets.find(filter).sort({ created: 1, _id: 1 }).skip(start).limit(limit).toArray(),
    );
    return documents.map(fromDocument);
  }

  /** @returns the new dataset, or `name-taken`. */
  async create(dataset: Omit<StoredDataset, 'id'>): Promise<StoredDataset | 'name-taken'> {
    const created = { id: randomBytes(12).toString('hex'), ...dataset };
    try {
      await available(this.datasets.insertOne(toDocument(created)));
      return created;
    } catch (error) {
      if (isDuplicateKey(error)) return 'name-taken';
      throw error;
    }
  }

  /**
   * Puts `next` in place of what was read as `expectedVersion`.
   *
   * @returns `changed` when somebody else was faster, `name-taken` for a name in use.
   */
  async replace(next: StoredDataset, expectedVersion: string): Promise<'replaced' | 'changed' | 'name-taken'> {
    const filter = { _id: next.id, tenant: tenantKey(next.tenant), version: expectedVersion };
    try {
      const { matchedCount } = await available(this.datasets.replaceOne(filter, toDocument(next)));
      return matchedCount === 1 ? 'replaced' : 'changed';
    } catch (error) {
      if (isDuplicateKey(error)) return 'name-taken';
      throw error;
    }
  }

  /**
   * Removes a dataset from the catalogue and accepts the deletion of its data, in one step.
   *
   * @returns the job that does it; undefined where there was no such dataset.
   */
  async delete(tenant: Tenant, id: string, order: DeletionOrder): Promise<Job | undefined> {
    if ((await this.find(tenant, id)) === undefined) return undefined;
    const subject = { kind: 'dataset', datasetId: id, isRemoved: true } as const;
    const hide = async (session: ClientSession): Promise<boolean> => {
      const { deletedCount } = await this.datasets.deleteOne({ _id: id, tenant: tenantKey(tenant) }, { session });
      return deletedCount === 1;
    };
    const accepted = await new DeletionAcceptance(this.database).accept({
      tenant,
      subject,
      order,
      isExclusive: true,
      hide,
    });
    return accepted && 'job' in accepted ? accepted.job : undefined;
  }
}
