import { tenantKey, type Outcome } from '@tessera/contracts';
import { JobHandedBackError, type JobContext } from '@tessera/jobs';
import { FileFormatError, type FileRow } from '@tessera/record-files';
import type { Batch, BatchReader, BatchWorkStore, FileProgress, Ledger, LedgerEntry } from '@tessera/stores';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import type { RecordReader } from '../records/record-reader.js';
import type { RecordWriter } from '../records/record-writer.js';
import { ahead } from './ahead.js';
import type { BatchFiles } from './batch-files.js';
import { BatchWatch } from './batch-watch.js';
import { sortRows, type SortedRows } from './row-sorter.js';

export interface FileApplierParts {
  readonly batches: BatchReader;
  readonly works: BatchWorkStore;
  readonly files: BatchFiles;
  readonly reader: RecordReader;
  readonly writer: RecordWriter;
  readonly ledger: Ledger;
  readonly metrics: IngestionMetrics;
}

/** Rows that follow one another, sorted, and their numbers. */
interface SortedChunk extends SortedRows {
  readonly numbers: readonly number[];
}

/** What became of some rows that follow one another. */
interface Applied {
  readonly next: number;
  readonly good: number;
  readonly entries: readonly LedgerEntry[];
}

/** Chunks being written at once: enough to keep the store busy, few enough that streamed records hardly wait. */
const CHUNKS_IN_FLIGHT = 3;

/** Rows after which they are counted and the place noted, which waits for the disk each time. After a crash they are repeated. */
const ROWS_COUNTED_TOGETHER = 5_000;

/**
 * Applies the good rows of a file, in the order of the file as far as records are concerned, and counts every row. Goes on
 * where an earlier attempt was interrupted; what that one had already written is the same records again.
 */
export class FileApplier {
  constructor(private readonly parts: FileApplierParts) {}

  /** @throws BatchMovedError once the batch is no longer `staged`; some rows may have been written since. */
  async apply(batch: Batch, index: number, { signal }: JobContext): Promise<void> {
    const { batches, works, files } = this.parts;
    const work = await works.find(batch.tenant, batch.id, index);
    if (!work || work.applied.done) return;
    const watch = new BatchWatch(batches, batch, 'staged');
    const chunks = ahead(
      files.rows(batch, work.file, work.applied.next, signal),
      CHUNKS_IN_FLIGHT,
      // The rows as they were read are held no longer than until they are sorted.
      (rows: readonly FileRow[]) =>
        this.sort(watch, batch, index, rows).then((sorted) => this.write(batch, index, sorted)),
    );
    let progress = work.applied;
    let written: Applied[] = [];
    const count = async () => {
      if (written.length > 0) progress = await this.count(batch, index, progress, written);
      written = [];
    };
    try {
      for await (const applied of chunks) {
        written.push(applied);
        if (applied.next - progress.next >= ROWS_COUNTED_TOGETHER) await count();
      }
    } catch (error) {
      if (!(error instanceof FileFormatError)) throw error;
    }
    await count();
    await watch.check();
    await this.advance(batch, index, progress, { ...progress, done: true });
  }

  private async sort(watch: BatchWatch, batch: Batch, index: number, rows: readonly FileRow[]): Promise<SortedChunk> {
    await watch.check();
    const sorted = await sortRows(this.parts.reader, batch, index, rows, true);
    return { ...sorted, numbers: rows.map(({ row }) => row) };
  }

  private async write(batch: Batch, index: number, sorted: SortedChunk): Promise<Applied> {
    const { readable, passedOver, deleted, bad, numbers } = sorted;
    const outcomes = new Map<number, Outcome>();
    for (const { row } of passedOver) outcomes.set(row, { kind: 'applied', effect: 'not-enabled' });
    for (const { row } of deleted) outcomes.set(row, { kind: 'applied', effect: 'deleted' });
    for (const { row, reason, faults } of bad) outcomes.set(row, { kind: 'dead-letter', reason, faults });
    for (const [{ row }, outcome] of await this.parts.writer.write(readable)) outcomes.set(row, outcome);
    const entries = numbers.map((row): LedgerEntry => {
      const outcome = outcomes.get(row);
      if (!outcome) throw new Error('a row ended without an outcome');
      return { tenant: tenantKey(batch.tenant), datasetId: batch.datasetId, partition: index, offset: row, outcome };
    });
    return { next: (numbers.at(-1) ?? -1) + 1, good: readable.length + passedOver.length + deleted.length, entries };
  }

  private async count(
    batch: Batch,
    index: number,
    progress: FileProgress,
    written: readonly Applied[],
  ): Promise<FileProgress> {
    const entries = written.flatMap((applied) => applied.entries);
    const good = written.reduce((sum, applied) => sum + applied.good, 0);
    const next = written.at(-1)?.next ?? progress.next;
    const bad: Record<string, number> = { ...progress.bad };
    for (const { outcome } of entries) {
      if (outcome.kind === 'dead-letter') bad[outcome.reason] = (bad[outcome.reason] ?? 0) + 1;
    }
    await this.parts.ledger.record(batchTopic(batch.id), entries);
    const advanced = { ...progress, next, good: progress.good + good, bad };
    await this.advance(batch, index, progress, advanced);
    this.parts.metrics.accepted(batch.tenant, batch.datasetId, entries.length);
    this.parts.metrics.counted(entries);
    return advanced;
  }

  private async advance(batch: Batch, index: number, { next }: FileProgress, to: FileProgress): Promise<void> {
    const moved = await this.parts.works.advance(batch.tenant, batch.id, index, { phase: 'applied', from: next, to });
    if (!moved) throw new JobHandedBackError('another worker applies this file');
  }
}

/** A batch counts like a topic of its own in the ledger, with its files as partitions and its rows as offsets. */
export function batchTopic(batchId: string): string {
  return `batch/${batchId}`;
}
