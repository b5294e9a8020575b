import { partedFile, UnknownObjectError, type ObjectStorage } from '@tessera/object-storage';
import { readRows, type FileRow } from '@tessera/record-files';
import { JobFailure } from '@tessera/jobs';
import type { Batch, BatchFile } from '@tessera/stores';
import { fileFormatOf } from './file-format.js';

/** Rows handled together, about: as many as one bulk write takes best. */
const CHUNK_ROWS = 1_000;

/** Reads the files of batches from where they were uploaded to. */
export class BatchFiles {
  constructor(
    private readonly storage: ObjectStorage,
    /** Bytes a row may take. */
    private readonly maxRowBytes: number,
  ) {}

  /**
   * The rows of a file from one on, about a thousand at a time.
   *
   * @throws FileFormatError where the file cannot be read any further; JobFailure when it is gone.
   */
  async *rows(batch: Batch, file: BatchFile, from: number, signal: AbortSignal): AsyncGenerator<readonly FileRow[]> {
    const { maxRowBytes } = this;
    const options = { from, maxRowBytes, chunkRows: CHUNK_ROWS, signal };
    try {
      yield* readRows(partedFile(this.storage, file.parts), fileFormatOf(batch.inputFormat), options);
    } catch (error) {
      if (!(error instanceof UnknownObjectError)) throw error;
      throw new JobFailure(`The file ${file.path} is gone from the storage. Upload it in a new batch.`);
    }
  }
}
