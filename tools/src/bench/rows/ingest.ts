import { MongoClient } from 'mongodb';
import { median } from '../../load/percentile.js';
import type { Bench } from '../environment.js';
import { ingestAtFullLoad, type IngestLoad, type IngestResult, type RecordSource } from '../ingest-load.js';
import { machineSeconds, processorSeconds } from '../process-usage.js';
import type { RecordShape } from '../record-template.js';
import type { Row, RowResult, Target } from '../row.js';
import { inTurns, type Target as Side } from '../target.js';

/** One measured turn: what came of it, the processor seconds of each part, and what MongoDB was asked. */
interface Turn extends IngestResult {
  readonly perSecond: number;
  readonly processorSeconds: Figures;
  readonly mongodbOperations: Figures;
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
  const before = await usage(bench);
  const result = await ingestAtFullLoad(side, source, load);
  await bench.rest(); // What the records lead to afterwards is work they cost, too.
  const after = await usage(bench);
  return {
    ...result,
    perSecond: (1_000 * result.records) / result.visible,
    processorSeconds: differenceOf(before.processorSeconds, after.processorSeconds),
    mongodbOperations: differenceOf(before.mongodbOperations, after.mongodbOperations),
  };
}

type Figures = Readonly<Record<string, number>>;

/** What every process has used so far, MongoDB and Kafka's share by their own or the machine's account. */
async function usage(bench: Bench): Promise<{ processorSeconds: Figures; mongodbOperations: Figures }> {
  const own = process.cpuUsage();
  const parts = bench.processes.map(({ name, pid }) => [name, processorSeconds(pid) ?? 0] as const);
  const mongodb = await mongodbUsage(bench.mongodbUri);
  return {
    processorSeconds: {
      ...Object.fromEntries(parts),
      mongodb: mongodb.seconds,
      'load generator': (own.user + own.system) / 1e6,
      'whole machine': machineSeconds(),
    },
    mongodbOperations: mongodb.operations,
  };
}

async function mongodbUsage(uri: string): Promise<{ seconds: number; operations: Figures }> {
  const mongo = await MongoClient.connect(uri);
  try {
    const status = await mongo.db('admin').command({ serverStatus: 1 });
    const times = status['extra_info'] as { user_time_us?: number; system_time_us?: number } | undefined;
    return {
      seconds: (Number(times?.user_time_us ?? 0) + Number(times?.system_time_us ?? 0)) / 1e6,
      operations: status['opcounters'] as Figures,
    };
  } finally {
    await mongo.close();
  }
}

function differenceOf(before: Figures, after: Figures): Figures {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, Math.round(100 * (value - (before[name] ?? 0))) / 100]),
  );
}
