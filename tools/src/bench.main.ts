import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runCommand } from './command/command.js';
import { startBench } from './bench/environment.js';
import { parseOptions, usage } from './bench/options.js';
import { peakMemory } from './bench/process-usage.js';
import { reportOf, tableOf } from './bench/report.js';
import { atLeastShare, noTarget, type Row, type RowResult } from './bench/row.js';
import { batchLargeRow } from './bench/rows/batch-large.js';
import { batchRow } from './bench/rows/batch.js';
import { computedRow } from './bench/rows/computed.js';
import { deletionRow } from './bench/rows/deletion.js';
import { edgeRow, edgeVisibilityRow } from './bench/rows/edge.js';
import { eventsRow } from './bench/rows/events.js';
import { exportLargeRow, exportRow } from './bench/rows/export.js';
import { ingestRow } from './bench/rows/ingest.js';
import { lookupManyRow } from './bench/rows/lookup-many.js';
import { lookupRow } from './bench/rows/lookup.js';
import { mergeRow } from './bench/rows/merge.js';
import { samplingRow } from './bench/rows/sampling.js';
import { visibilityRow } from './bench/rows/visibility.js';

/** Every row, in the order they are measured (spec 14-quality). */
const rows: readonly Row[] = [
  mergeRow,
  ingestRow({ name: 'ingest-100', shape: 'linked', recordsPerBody: 100, connections: 16, target: atLeastShare(0.7) }),
  ingestRow({ name: 'ingest-100-single', shape: 'single', recordsPerBody: 100, connections: 16, target: noTarget }),
  ingestRow({ name: 'ingest-10', shape: 'linked', recordsPerBody: 10, connections: 32, target: noTarget }),
  ingestRow({ name: 'ingest-1', shape: 'linked', recordsPerBody: 1, connections: 64, target: noTarget }),
  batchRow,
  batchLargeRow,
  visibilityRow,
  lookupRow,
  lookupManyRow,
  eventsRow,
  samplingRow,
  edgeRow,
  edgeVisibilityRow,
  computedRow,
  deletionRow,
  exportRow,
  exportLargeRow,
];

/** `npm run bench`: Tessera against the bare drivers, in turns on the same servers. Figures only: nothing here fails. */
await runCommand(async (command) => {
  const names = rows.map(({ name }) => name);
  const options = parseOptions(process.argv.slice(2), names);
  if (options.help) {
    console.log(usage(names));
    return 0;
  }
  command.report('Starting the servers, the platform and the baseline …');
  const bench = await startBench(command, options);
  const results: RowResult[] = [];
  for (const row of rows) {
    if (!(options.only?.includes(row.name) ?? !row.onlyWhenNamed)) continue;
    await bench.rest(); // What the row before has led to is not this one's work.
    command.report(`Measuring ${row.name} …`);
    results.push(...(await row.run(bench)));
  }
  await bench.client.close();
  const report = reportOf(options, results, peakMemory(bench.processes));
  const file = resolve(process.env['INIT_CWD'] ?? '.', options.report);
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`\n${tableOf(report)}\n\nReport: ${file}`);
  return 0;
});
