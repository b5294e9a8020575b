import { MongoClient } from 'mongodb';
import { median } from '../../load/percentile.js';
import type { Bench } from '../environment.js';
import { ingestAtFullLoad, type IngestResult } from '../ingest-load.js';
import { machineSeconds, processorSeconds } from '../process-usage.js';
import { atLeastShare, noTarget, type Row, type RowResult } from '../row.js';
import { inTurns, type Target } from '../target.js';

/** One measured turn: what came of it and the processor seconds each part spent. */
interface Turn extends IngestResult {
  readonly perSecond: number;
  readonly processorSeconds: Readonly<Record<string, number>>;
}

/** Sustained ingest with bodies of so many records: from the gateway until the last record is visible. */
export function ingestRow(recordsPerBody: number, connections: number, share: number | undefined): Row {
  const name = `ingest-${recordsPerBody}`;
  return {
    name,
    run: async (bench) => {
      await bench.prepareRecords();
      const turns = { baseline: [] as Turn[], Tessera: [] as Turn[] };
      for (let round = 0; round < bench.options.rounds; round++) {
        for (const target of inTurns(bench.sides)) {
          const turn = await measure(bench, target, { recordsPerBody, connections, seconds: bench.options.seconds });
          turns[target.name].push(turn);
          bench.report(`  ${name} ${target.name} ${Math.round(turn.perSecond)} records/s`);
        }
      }
      const [tessera, baseline] = [medianOf(turns.Tessera), medianOf(turns.baseline)];
      return [
        {
          row: name,
          what: `ingest, ${recordsPerBody} record${recordsPerBody === 1 ? '' : 's'} a body`,
          unit: 'records/s',
          tessera,
          baseline,
          judged: tessera / baseline,
          target: share === undefined ? noTarget : atLeastShare(share),
          details: turns,
        } satisfies RowResult,
      ];
    },
  };
}

function medianOf(turns: readonly Turn[]): number {
  return median(turns.map(({ perSecond }) => perSecond));
}

async function measure(bench: Bench, target: Target, load: Parameters<typeof ingestAtFullLoad>[2]): Promise<Turn> {
  const before = await usage(bench);
  const result = await ingestAtFullLoad(target, bench.sources[target.name], load);
  const after = await usage(bench);
  const spent = Object.entries(after).map(([part, seconds]) => [part, round(seconds - (before[part] ?? 0))] as const);
  return {
    ...result,
    perSecond: (1_000 * result.records) / result.visible,
    processorSeconds: Object.fromEntries(spent),
  };
}

/** Processor seconds so far of every process, of MongoDB by its own account, of this load generator and of the machine. */
async function usage(bench: Bench): Promise<Record<string, number>> {
  const own = process.cpuUsage();
  const parts = bench.processes.map(({ name, pid }) => [name, processorSeconds(pid) ?? 0] as const);
  return {
    ...Object.fromEntries(parts),
    mongodb: await mongodbSeconds(bench.mongodbUri),
    'load generator': (own.user + own.system) / 1e6,
    'whole machine': machineSeconds(),
  };
}

async function mongodbSeconds(uri: string): Promise<number> {
  const mongo = await MongoClient.connect(uri);
  try {
    const status = await mongo.db('admin').command({ serverStatus: 1 });
    const times = status['extra_info'] as { user_time_us?: number; system_time_us?: number } | undefined;
    return (Number(times?.user_time_us ?? 0) + Number(times?.system_time_us ?? 0)) / 1e6;
  } finally {
    await mongo.close();
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
