import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInSchemas } from '../../client/record-message.js';
import { personRows } from '../../generate/person-rows.js';
import { median } from '../../load/percentile.js';
import type { Bench } from '../environment.js';
import { ingestFile, type FileTimes } from '../ingest-file.js';
import { atLeastShare, type Row } from '../row.js';
import { withUsage, type Usage } from '../usage.js';

const ROWS = 100_000;

/** The baseline reads the file where it is: there is nothing to upload. */
type Times = Pick<FileTimes, 'ingest'> & Partial<FileTimes>;

type Turn = Times & Usage;

/** A file of JSON lines: from its completion until every row is visible, against parsing and writing the same file. */
export const batchRow: Row = {
  name: 'batch',
  run: async (bench) => {
    const folder = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
    const turns = { baseline: [] as Turn[], Tessera: [] as Turn[] };
    try {
      const dataSet = await bench.client.createDataSet('Benchmark batches', builtInSchemas.profile);
      // The first round fills the stores, so that what is measured changes what is there; every file differs.
      for (let round = 0; round <= bench.options.rounds; round++) {
        const file = join(folder, `${round}.jsonl`);
        await writeFile(file, lines(round));
        for (const [name, ingest] of [
          ['baseline', () => loadByBaseline(bench, file)],
          ['Tessera', () => ingestFile(bench.client, dataSet, 'json', file)],
        ] as const) {
          await bench.rest();
          const { result, usage } = await withUsage(bench, async () => {
            const times: Times = await ingest();
            await bench.rest(); // What the rows lead to afterwards is work they cost, too.
            return times;
          });
          const turn = { ...result, ...usage };
          if (round > 0) turns[name].push(turn);
          bench.report(`  batch ${name} ${Math.round(perSecond(turn))} rows/s${round === 0 ? ' (first time)' : ''}`);
        }
        await rm(file);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const [tessera, baseline] = [medianOf(turns.Tessera), medianOf(turns.baseline)];
    return [
      {
        row: 'batch',
        what: `a batch of ${ROWS.toLocaleString('en')} rows of JSON lines, from its completion to visible`,
        unit: 'rows/s',
        tessera,
        baseline,
        judged: tessera / baseline,
        target: atLeastShare(0.7),
        details: { rows: ROWS, turns },
      },
    ];
  },
};

/** The same people in every edition of the file, each said anew. */
function* lines(edition: number): Generator<string, void, undefined> {
  for (const row of personRows(ROWS)) yield `${JSON.stringify({ ...row, edition })}\n`;
}

function perSecond({ ingest }: Times): number {
  return (1_000 * ROWS) / ingest;
}

function medianOf(turns: readonly Turn[]): number {
  return median(turns.map(perSecond));
}

async function loadByBaseline({ baselineLoaderUrl }: Bench, file: string): Promise<Times> {
  const start = performance.now();
  const answer = await fetch(`${baselineLoaderUrl}/load?file=${encodeURIComponent(file)}`);
  const text = await answer.text();
  if (text !== String(ROWS)) throw new Error(`the baseline wrote not ${ROWS} rows: ${text.slice(0, 300)}`);
  return { ingest: performance.now() - start };
}
