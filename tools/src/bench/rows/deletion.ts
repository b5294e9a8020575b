import { setTimeout as delay } from 'node:timers/promises';
import {
  builtInSchemas,
  recordMessage,
  type DataSetReference,
  type RecordMessage,
} from '../../client/record-message.js';
import { summarise } from '../../load/percentile.js';
import { seededRandom } from '../../load/random.js';
import { streamBatches } from '../../load/stream-batches.js';
import type { Bench } from '../environment.js';
import { lookUpAtRate } from '../lookup-load.js';
import { READERS, readerName } from '../readers.js';
import { below, noTarget, type Row } from '../row.js';
import { withUsage } from '../usage.js';
import { WARM_UP_SECONDS } from '../warm-up.js';

/** Records that are deleted, each of a person of its own with two identities. */
const RECORDS = 20_000;
/** Deleted before, so that what is measured is not the first deletion of a worker that was just started. */
const WARM_UP_RECORDS = 2_000;
/** Of other people, a second. */
const LOOKUPS = 100;
/** Of others, accepted a second meanwhile, some at a time. */
const RECORDS_PER_SECOND = 200;
const RECORDS_AT_ONCE = 20;

interface Job {
  readonly id: string;
  readonly status: string;
}

/** How lookups of others fare while a dataset is deleted and records flow, and how fast the dataset goes. */
export const deletionRow: Row = {
  name: 'deletion',
  run: async (bench) => {
    await bench.prepareReaders();
    const { client } = bench;
    const dataSet = (name: string) => client.createDataSet(`Benchmark ${name}`, builtInSchemas.profile);
    const [first, going, staying] = [
      await dataSet('to delete first'),
      await dataSet('to delete'),
      await dataSet('meanwhile'),
    ];
    for (const [from, name, count] of [
      [first, 'first', WARM_UP_RECORDS],
      [going, 'going', RECORDS],
    ] as const) {
      await streamBatches(client, bench.inletId, people(bench, from, name, 0, count), { batchSize: 100, inFlight: 4 });
    }
    await bench.rest();
    const random = seededRandom(6);
    const path = () => bench.sides.tessera.profileLookupPath(readerName(Math.floor(random() * READERS)), 0);
    const lookUp = (seconds: number) => lookUpAtRate(bench.sides.tessera, path, LOOKUPS, seconds);
    const flow = startFlow(bench, staying);
    const { ended: warmedUp } = await startDeletion(bench, first);
    await Promise.all([lookUp(WARM_UP_SECONDS), warmedUp]);
    const { result: before, usage: usageAlone } = await withUsage(bench, () => lookUp(bench.options.seconds));
    const alone = summarise(before.delays);
    const started = performance.now();
    const { ended } = await startDeletion(bench, going);
    const delays: number[] = [];
    let isEnded = false;
    void ended.finally(() => (isEnded = true)).catch(() => undefined);
    const { usage } = await withUsage(bench, async () => {
      while (!isEnded) delays.push(...(await lookUp(1)).delays);
    });
    const status = await ended;
    const seconds = (performance.now() - started) / 1_000;
    await flow.stop();
    if (status !== 'SUCCESS') throw new Error(`The deletion ended as ${status}.`);
    const during = summarise(delays);
    bench.report(`  deletion ${RECORDS} records in ${seconds.toFixed(1)} s, lookups p99 ${during.p99.toFixed(1)} ms`);
    const details = { alone: { ...alone, ...usageAlone }, during: { ...during, ...usage }, seconds };
    return [
      {
        row: 'deletion-p99',
        what: `lookups of others while a dataset is deleted and ${RECORDS_PER_SECOND} records/s flow, p99`,
        unit: 'ms',
        tessera: during.p99,
        judged: during.p99,
        target: below(50, 'ms'),
        details,
      },
      {
        row: 'deletion',
        what: 'records of a dataset deleted, with links, identities, copies, scan and receipt',
        unit: 'records/s',
        tessera: RECORDS / seconds,
        judged: RECORDS / seconds,
        target: noTarget,
        details,
      },
    ];
  },
};

const JOBS = '/data/core/ups/system/jobs';

function people(
  { client }: Bench,
  dataSet: DataSetReference,
  name: string,
  first: number,
  count: number,
): RecordMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${name}-${first + index}@example.com`;
    const identityMap = { Email: [{ id, primary: true }], Phone: [{ id: `+${name}${first + index}` }] };
    return recordMessage(dataSet, client.organisation, { identityMap, visits: first + index });
  });
}

function startFlow(bench: Bench, dataSet: DataSetReference): { stop: () => Promise<void> } {
  let isFlowing = true;
  const flow = (async () => {
    for (let first = 0; isFlowing; first += RECORDS_AT_ONCE) {
      const next = delay((1_000 * RECORDS_AT_ONCE) / RECORDS_PER_SECOND);
      await bench.client.streamBatch(bench.inletId, people(bench, dataSet, 'flow', first, RECORDS_AT_ONCE));
      await next;
    }
  })();
  return {
    stop: async () => {
      isFlowing = false;
      await flow;
    },
  };
}

/** @returns `ended`: the status it ends with. */
async function startDeletion({ client }: Bench, { id: dataSetId }: DataSetReference) {
  const body = JSON.stringify({ dataSetId });
  const { id } = await client.expect<Job>({ method: 'POST', path: JOBS, body });
  const untilEnded = async (): Promise<string> => {
    for (;;) {
      const { status } = await client.expect<Job>({ method: 'GET', path: `${JOBS}/${id}` });
      if (status !== 'NEW' && status !== 'IN-PROGRESS') return status;
      await delay(200);
    }
  };
  return { ended: untilEnded() };
}
