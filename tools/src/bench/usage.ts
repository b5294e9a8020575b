import { MongoClient } from 'mongodb';
import type { Bench } from './environment.js';
import { machineSeconds, processorSeconds } from './process-usage.js';

type Figures = Readonly<Record<string, number>>;

/** What some work cost. */
export interface Usage {
  /** Processor seconds of each process; MongoDB's by its own account, Kafka's within the whole machine's. */
  readonly processorSeconds: Figures;
  /** What MongoDB was asked. */
  readonly mongodbOperations: Figures;
}

/** @returns with what the work gave, what all processes of both sides used meanwhile. */
export async function withUsage<Result>(
  bench: Bench,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly usage: Usage }> {
  const before = await usageSoFar(bench);
  const result = await work();
  const after = await usageSoFar(bench);
  return {
    result,
    usage: {
      processorSeconds: differenceOf(before.processorSeconds, after.processorSeconds),
      mongodbOperations: differenceOf(before.mongodbOperations, after.mongodbOperations),
    },
  };
}

async function usageSoFar(bench: Bench): Promise<Usage> {
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
