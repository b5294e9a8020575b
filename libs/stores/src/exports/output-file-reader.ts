import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { OutputFileDocument } from './export-documents.js';
import type { OutputFile } from './export-work.js';

/** Reads which files the platform wrote into batches. */
export class OutputFileReader {
  private readonly files: Collection<OutputFileDocument>;

  constructor(database: Database) {
    this.files = database.collection('output_files');
  }

  /** In the order of their ids. */
  async list(tenant: Tenant, batchId: string, page: { start: number; limit: number }): Promise<OutputFile[]> {
    const found = this.files
      .find({ tenant: tenantKey(tenant), batchId })
      .sort({ _id: 1 })
      .skip(page.start)
      .limit(page.limit);
    return (await available(found.toArray())).map(fileFrom);
  }

  async find(tenant: Tenant, id: string): Promise<OutputFile | undefined> {
    const found = await available(this.files.findOne({ _id: id, tenant: tenantKey(tenant) }));
    return found === null ? undefined : fileFrom(found);
  }
}

function fileFrom({ _id, tenant: _tenant, ...file }: OutputFileDocument): OutputFile {
  return { id: _id, ...file };
}
