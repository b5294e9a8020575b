import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TesseraClient } from '../../client/tessera-client.js';
import { median } from '../../load/percentile.js';
import type { Bench } from '../environment.js';
import { insertPeople, scanToLines } from '../exported-people.js';
import { residentBytes } from '../process-usage.js';
import { atLeastShare, below, type Row, type RowResult } from '../row.js';

const JOBS = '/data/core/ups/export/jobs';
const MEGABYTE = 1_048_576;

const formats = ['Parquet', 'JSON lines'] as const;
type Format = (typeof formats)[number];

interface ExportAnswer {
  readonly id: number;
  readonly status: string;
  readonly metrics: { readonly totalTime: { readonly totalTimeInMs?: number } };
}

interface Measured {
  /** Milliseconds. */
  readonly time: number;
  /** Most memory of the worker meanwhile, in bytes. */
  readonly peak: number;
}

/** Exports of people with a record of a kilobyte each, against a bare scan of the records into a file. */
export const exportRow: Row = { name: 'export', run: (bench) => measure(bench, 'export', [100_000]) };

/** The same for more and more people: what counts is that memory stays and time grows with their number alone. */
export const exportLargeRow: Row = {
  name: 'export-large',
  onlyWhenNamed: true,
  run: (bench) => measure(bench, 'export-large', [10_000, 100_000, 1_000_000]),
};

async function measure(bench: Bench, name: string, sizes: readonly number[]): Promise<RowResult[]> {
  const sandbox = `bench-${name}`;
  const body = JSON.stringify({ name: sandbox, title: sandbox, type: 'development' });
  const path = '/data/foundation/sandbox-management/sandboxes';
  await bench.client.expect({ method: 'POST', path, body }, 201);
  const client = new TesseraClient({ url: bench.sides.tessera.url, sandbox });
  const tenant = { organisation: client.organisation, sandbox };
  const folder = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
  const targets = {
    Parquet: await exportedDataSet(client, 'parquet'),
    'JSON lines': await exportedDataSet(client, 'json'),
  };
  const results: RowResult[] = [];
  try {
    let people = 0;
    for (const size of sizes) {
      await insertPeople(bench.mongodbUri, bench.database, tenant, people, size);
      people = size;
      const scans: number[] = [];
      const exports: Record<Format, Measured[]> = { Parquet: [], 'JSON lines': [] };
      for (let round = 0; round < (size > 100_000 ? 1 : bench.options.rounds); round += 1) {
        scans.push(await scanToLines(bench.mongodbUri, bench.database, tenant, join(folder, 'scan.ndjson')));
        for (const format of formats) {
          const measured = await exportOnce(bench, client, targets[format]);
          exports[format].push(measured);
          bench.report(`  ${size} profiles exported to ${format} in ${Math.round(measured.time)} ms`);
        }
      }
      const row = sizes.length > 1 ? `${name}-${size}` : name;
      results.push(...formats.flatMap((format) => linesOf(row, format, size, scans, exports[format])));
    }
  } finally {
    await client.close();
    await rm(folder, { recursive: true, force: true });
  }
  return results;
}

function linesOf(
  name: string,
  format: Format,
  size: number,
  scans: readonly number[],
  exports: readonly Measured[],
): RowResult[] {
  const row = format === 'Parquet' ? name : `${name}-lines`;
  const tessera = (1_000 * size) / median(exports.map(({ time }) => time));
  const baseline = (1_000 * size) / median(scans);
  const peak = Math.max(...exports.map((measured) => measured.peak)) / MEGABYTE;
  return [
    {
      row,
      what: `export of ${size} profiles to ${format}`,
      unit: 'profiles/s',
      tessera,
      baseline,
      judged: tessera / baseline,
      target: atLeastShare(0.5),
      details: { scans, exports },
    },
    {
      row: `${row}-memory`,
      what: `the most memory the export worker had meanwhile, ${format}`,
      unit: 'MB',
      tessera: peak,
      judged: peak,
      target: below(300, 'MB'),
      details: {},
    },
  ];
}

async function exportOnce(bench: Bench, client: TesseraClient, datasetId: string): Promise<Measured> {
  const pid = bench.processes.find(({ name }) => name.startsWith('export-worker'))?.pid ?? 0;
  const body = JSON.stringify({ schema: { name: '_xdm.context.profile' }, destination: { datasetId } });
  const { id } = await client.expect<ExportAnswer>({ method: 'POST', path: JOBS, body });
  for (let peak = 0; ;) {
    await delay(100);
    peak = Math.max(peak, residentBytes(pid) ?? 0);
    const { status, metrics } = await client.expect<ExportAnswer>({ method: 'GET', path: `${JOBS}/${id}` });
    if (status === 'SUCCEEDED') return { time: metrics.totalTime.totalTimeInMs ?? 0, peak };
    if (status === 'FAILED') throw new Error(`The export ${id} failed.`);
  }
}

/** @returns id of a dataset to export into. */
async function exportedDataSet(client: TesseraClient, format: 'parquet' | 'json'): Promise<string> {
  const body = JSON.stringify({
    name: `Exported as ${format}`,
    fileDescription: { format },
    schemaRef: { id: 'https://ns.adobe.com/xdm/context/profile__union' },
  });
  const path = '/data/foundation/catalog/dataSets';
  const [reference = ''] = await client.expect<string[]>({ method: 'POST', path, body }, 201);
  return reference.slice('@/dataSets/'.length);
}
