import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { problem, type ProblemError } from '@tessera/http';
import { UnknownObjectError, type ByteRange } from '@tessera/object-storage';
import { BatchStore, OutputFileReader, type OutputFile } from '@tessera/stores';
import { OBJECT_STORAGE, type ObjectStorage } from './object-storage.token.js';

/** Gives out the files that the platform wrote into batches. */
@Injectable()
export class OutputFilesService {
  constructor(
    @Inject(OutputFileReader) private readonly files: OutputFileReader,
    @Inject(BatchStore) private readonly batches: BatchStore,
    @Inject(OBJECT_STORAGE) private readonly storage: ObjectStorage,
  ) {}

  /** Those of a batch, in their order; none of a batch that clients filled, or that was reverted. */
  async ofBatch(tenant: Tenant, batchId: string, page: { start: number; limit: number }): Promise<OutputFile[]> {
    const [batch, files] = await Promise.all([
      this.batches.find(tenant, batchId),
      this.files.list(tenant, batchId, page),
    ]);
    return batch?.status === 'success' ? files : [];
  }

  /**
   * One file.
   *
   * @param path its name, where one is given: compared, never made part of a key.
   * @throws ProblemError `unknown-output-file`.
   */
  async get(tenant: Tenant, id: string, path?: string): Promise<OutputFile> {
    const file = await this.files.find(tenant, id);
    if (file === undefined) throw unknownFile(`The sandbox has no file ${id.slice(0, 256)}.`);
    const batch = await this.batches.find(tenant, file.batchId);
    if (batch?.status !== 'success') throw unknownFile('The batch of the file is no longer there.');
    if (path === undefined || path === file.name) return file;
    throw unknownFile(`The file has no part ${path.slice(0, 256)}; it has ${file.name}.`);
  }

  /** Makes sure that its bytes are there. @throws ProblemError `unknown-output-file`. */
  async ensureThere({ key }: OutputFile): Promise<void> {
    if ((await this.storage.size(key)) === undefined) throw removedFile();
  }

  /** Its bytes. @throws ProblemError `unknown-output-file`. */
  async open({ key }: OutputFile, range: ByteRange): Promise<Readable> {
    try {
      return await this.storage.read(key, range);
    } catch (error) {
      throw error instanceof UnknownObjectError ? removedFile() : error;
    }
  }
}

function unknownFile(detail: string): ProblemError {
  return problem('unknown-output-file', { detail });
}

function removedFile(): ProblemError {
  return unknownFile('The file was removed.');
}
