import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInSchemas } from '../../client/record-message.js';
import { writeRows } from '../../generate/write-rows.js';
import { ingestFile } from '../ingest-file.js';
import { noTarget, type Row, type RowResult } from '../row.js';

const files = [
  { format: 'json', rows: 1_900_000, what: 'a batch of 1 GB of JSON lines' },
  { format: 'parquet', rows: 1_000_000, what: 'a batch of 1,000,000 rows of Parquet' },
] as const;

/** Files as large as batches are meant for. What counts is the memory at the end of the report, so it takes its time. */
export const batchLargeRow: Row = {
  name: 'batch-large',
  onlyWhenNamed: true,
  run: async (bench) => {
    const dataSet = await bench.client.createDataSet('Benchmark large batches', builtInSchemas.profile);
    const folder = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
    const results: RowResult[] = [];
    try {
      for (const { format, rows, what } of files) {
        const file = join(folder, `rows.${format}`);
        await writeRows({ file, format, rows, rowGroupSize: 100_000 });
        const times = await ingestFile(bench.client, dataSet, format, file);
        await rm(file);
        const tessera = (1_000 * rows) / times.ingest;
        const row = `batch-large-${format}`;
        results.push({
          row,
          what,
          unit: 'rows/s',
          tessera,
          judged: tessera,
          target: noTarget,
          details: { rows, times },
        });
        await bench.rest();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return results;
  },
};
