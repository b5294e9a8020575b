import { median } from '../../load/percentile.js';
import type { Bench } from '../environment.js';
import { ingestAtFullLoad, type IngestLoad, type IngestResult, type RecordSource } from '../ingest-load.js';
import type { RecordShape } from '../record-template.js';
import type { Row, RowResult, Target } from '../row.js';
import { inTurns, type Target as Side } from '../target.js';
import { withUsage, type Usage } from '../usage.js';

/** One measured turn: what came of it, and what it cost. */
interface Turn extends IngestResult, Usage {
  readonly perSecond: number;
}

/** What one row of sustained ingest is about. */
export interface IngestRowOptions {
  readonly name: string;
  readonly shape: RecordShape;
  readonly recordsPerBody: number;
  /** Requests under way at a time. */
  readonly connections: number;
  readonly target: Target;
}

/** Sustained ingest at full load: from the gateway until the last record is visible. */
export function ingestRow(options: IngestRowOptions): Row {
  const { name, shape, recordsPerBody, connections } = options;
  return {
    name,
    run: async (bench) => {
      const sources = await bench.records(shape);
      const turns = { baseline: [] as Turn[], Tessera: [] as Turn[] };
      for (let round = 0; round < bench.options.rounds; round++) {
        for (const side of inTurns(bench.sides)) {
          await bench.rest();
          const load = { recordsPerBody, connections, seconds: bench.options.seconds };
          const turn = await measure(bench, side, sources[side.name], load);
          turns[side.name].push(turn);
          bench.report(`  ${name} ${side.name} ${Math.round(turn.perSecond)} records/s`);
        }
      }
      const [tessera, baseline] = [medianOf(turns.Tessera), medianOf(turns.baseline)];
      const identities = shape === 'linked' ? 'two identities' : 'one identity';
      return [
        {
          row: name,
          what: `ingest, ${recordsPerBody} record${recordsPerBody === 1 ? '' : 's'} a body, ${identities}`,
          unit: 'records/s',
          tessera,
          baseline,
          judged: tessera / baseline,
          target: options.target,
          details: turns,
        } satisfies RowResult,
      ];
    },
  };
}

function medianOf(turns: readonly Turn[]): number {
  return median(turns.map(({ perSecond }) => perSecond));
}

async function measure(bench: Bench, side: Side, source: RecordSource, load: IngestLoad): Promise<Turn> {
  const { result, usage } = await withUsage(bench, async () => {
    const ingested = await ingestAtFullLoad(side, source, load);
    await bench.rest(); // What the records lead to afterwards is work they cost, too.
    return ingested;
  });
  return { ...result, ...usage, perSecond: (1_000 * result.records) / result.visible };
}
