import { JobHandedBackError, type JobContext } from '@tessera/jobs';
import { batchObjects, type ObjectStorage } from '@tessera/object-storage';
import { FileFormatError, type FileRow } from '@tessera/record-files';
import type { Batch, BatchFile, BatchReader, BatchWorkStore, FileProgress } from '@tessera/stores';
import type { RecordReader } from '../records/record-reader.js';
import { ahead } from './ahead.js';
import type { BatchFiles } from './batch-files.js';
import { BatchWatch } from './batch-watch.js';
import { brokenFileText } from './file-format.js';
import { rowErrorLines } from './row-errors.js';
import { sortRows, type BadRow } from './row-sorter.js';

export interface FileCheckerParts {
  readonly batches: BatchReader;
  readonly works: BatchWorkStore;
  readonly files: BatchFiles;
  readonly reader: RecordReader;
  readonly storage: ObjectStorage;
  /** Bad rows of a file that are kept for download, at most. */
  readonly mostRowErrors: number;
}

/**
 * Good rows after which the place is noted, which waits for the disk each time; bad ones are noted at once. It depends on
 * the rows alone, so that a reading that is done again keeps its bad rows under the same names.
 */
const ROWS_NOTED_TOGETHER = 5_000;

/** Chunks under way at once, so that one is read while the store is asked about another. */
const CHUNKS_READ_AHEAD = 2;

/**
 * Reads a file of a batch to its end and counts its good and bad rows; nothing of it is applied. Goes on where an earlier
 * reading was interrupted.
 */
export class FileChecker {
  constructor(private readonly parts: FileCheckerParts) {}

  /** @throws BatchMovedError once the batch is no longer `loaded`. */
  async check(batch: Batch, index: number, { signal }: JobContext): Promise<void> {
    const { batches, works, files, reader } = this.parts;
    const work = await works.find(batch.tenant, batch.id, index);
    if (!work || work.checked.done) return;
    const watch = new BatchWatch(batches, batch, 'loaded');
    const { file } = work;
    const chunks = ahead(
      files.rows(batch, file, work.checked.next, signal),
      CHUNKS_READ_AHEAD,
      async (rows: readonly FileRow[]) => {
        await watch.check();
        const { readable, passedOver, deleted, bad } = await sortRows(reader, batch, index, rows, false);
        const last = rows.at(-1);
        return { next: last && last.row + 1, good: readable.length + passedOver.length + deleted.length, bad };
      },
    );
    let progress = work.checked;
    let read = progress;
    let broken: string | undefined;
    try {
      for await (const { next = read.next, good, bad } of chunks) {
        read = { ...read, next, good: read.good + good };
        if (bad.length === 0 && read.next - progress.next < ROWS_NOTED_TOGETHER) continue;
        const kept = await this.keep(batch, file, progress, bad);
        const reached = { ...read, bad: added(read.bad, bad), kept: read.kept + kept };
        progress = await this.advance(batch, index, progress, reached);
        read = progress;
      }
    } catch (error) {
      if (!(error instanceof FileFormatError)) throw error;
      broken = brokenFileText(file.path, error);
    }
    await watch.check();
    await this.advance(batch, index, progress, { ...read, done: true, ...(broken !== undefined && { broken }) });
  }

  /** @returns how many were kept. The name comes from the first row, so that a step done again replaces its part. */
  private async keep(batch: Batch, file: BatchFile, progress: FileProgress, bad: readonly BadRow[]): Promise<number> {
    const { storage, mostRowErrors } = this.parts;
    const some = bad.slice(0, Math.max(0, mostRowErrors - progress.kept));
    if (some.length === 0) return 0;
    const name = `file-${String(file.index).padStart(6, '0')}-row-${String(progress.next).padStart(12, '0')}.json`;
    const key = batchObjects(batch.tenant, batch.id).rowErrorsPart(name);
    await storage.put(key, chunks(rowErrorLines(file.path, some)));
    return some.length;
  }

  private async advance(batch: Batch, index: number, { next }: FileProgress, to: FileProgress): Promise<FileProgress> {
    const moved = await this.parts.works.advance(batch.tenant, batch.id, index, { phase: 'checked', from: next, to });
    if (!moved) throw new JobHandedBackError('another worker reads this file');
    return to;
  }
}

function added(counts: Readonly<Record<string, number>>, bad: readonly BadRow[]): Record<string, number> {
  const sums: Record<string, number> = { ...counts };
  for (const { reason } of bad) sums[reason] = (sums[reason] ?? 0) + 1;
  return sums;
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}
