import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient, type Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import { TesseraClient } from '../../client/tessera-client.js';
import type { Bench } from '../environment.js';
import { residentBytes } from '../process-usage.js';
import { noTarget, upTo, type Row } from '../row.js';

/** Of one identity each; with a record in each dataset that is a million fragments. */
const PEOPLE = 250_000;
const DATASETS = 4;
const A_TENTH = PEOPLE / 10;
const SANDBOX = 'bench-sampling';
const STATUS = '/data/core/ups/previewsamplestatus';
const AT_ONCE = 5_000;
const POLL_MS = 50;

interface Stored {
  readonly _id: string;
  readonly tenant: string;
}

/** What one sample took. */
interface Turn {
  readonly fragments: number;
  readonly seconds: number;
  /** Resident memory of the worker while it ran. */
  readonly peakBytes: number;
}

/** A sample of a million fragments in one pass, and the memory it takes, against that of a tenth of them. */
export const samplingRow: Row = {
  name: 'sampling',
  run: async (bench) => {
    const client = new TesseraClient({ url: bench.sides.tessera.url, sandbox: SANDBOX });
    const mongo = await MongoClient.connect(bench.mongodbUri);
    try {
      const body = JSON.stringify({ name: SANDBOX, title: 'Benchmark', type: 'development' });
      const path = '/data/foundation/sandbox-management/sandboxes';
      await bench.client.expect({ method: 'POST', path, body }, 201);
      const tenant = { organisation: client.organisation, sandbox: SANDBOX };
      const database = mongo.db(bench.database);
      const identities = database.collection<Stored>('identities');
      const fragments = database.collection<Stored>('fragments');
      await insertPeople(tenant, identities, fragments, 0, A_TENTH);
      const small = await sample(bench, client);
      await insertPeople(tenant, identities, fragments, A_TENTH, PEOPLE);
      const raw = await scan(fragments, tenant);
      const whole = await sample(bench, client);
      const [tessera, baseline] = [whole.fragments / whole.seconds, raw.fragments / raw.seconds];
      const details = { small, whole, raw };
      return [
        {
          row: 'sampling',
          what: `a sample of ${whole.fragments.toLocaleString('en')} fragments, against reading their documents`,
          unit: 'fragments/s',
          ...{ tessera, baseline, judged: tessera / baseline, target: noTarget, details },
        },
        {
          row: 'sampling-memory',
          what: 'peak memory of that sample, against one of a tenth',
          unit: 'MB',
          tessera: whole.peakBytes / 1e6,
          baseline: small.peakBytes / 1e6,
          judged: whole.peakBytes / small.peakBytes,
          target: upTo(1.3, '× that of a tenth'),
          details,
        },
      ];
    } finally {
      await client.close();
      await mongo.close();
    }
  },
};

async function insertPeople(
  tenant: Tenant,
  identities: Collection<Stored>,
  fragments: Collection<Stored>,
  from: number,
  to: number,
): Promise<void> {
  const key = tenantKey(tenant);
  for (let first = from; first < to; first += AT_ONCE) {
    const people = Array.from({ length: Math.min(AT_ONCE, to - first) }, (_, index) => {
      const id = `person-${first + index}@example.com`;
      return { xid: xidOf(tenant, 'email', id), namespace: 'email', id };
    });
    const records = people.flatMap(({ xid }) =>
      Array.from({ length: DATASETS }, (_, dataset) => ({
        ...{ _id: `bench-${dataset}.${xid}`, tenant: key, datasetId: `bench-${dataset}`, xid },
        ...{ age: 1, acceptedAt: 1, version: '1', body: `{"person":{"name":{"fullName":"${xid}"}}}` },
      })),
    );
    await Promise.all([
      identities.insertMany(
        people.map(({ xid, namespace, id }) => ({
          ...{ _id: xid, tenant: key, namespace, id, clusterId: xid, componentId: xid, contested: false },
          members: [{ xid, namespace, id }],
        })),
        { ordered: false },
      ),
      fragments.insertMany(records, { ordered: false }),
    ]);
  }
}

async function scan(fragments: Collection<Stored>, tenant: Tenant): Promise<{ fragments: number; seconds: number }> {
  const start = performance.now();
  let count = 0;
  for await (const _fragment of fragments.find({ tenant: tenantKey(tenant) }, { batchSize: 2_000 })) count += 1;
  return { fragments: count, seconds: (performance.now() - start) / 1_000 };
}

async function sample({ processes }: Bench, client: TesseraClient): Promise<Turn> {
  const worker = processes.find(({ name }) => name.startsWith('sampling-worker'));
  const start = performance.now();
  await client.expect({ method: 'POST', path: STATUS, body: JSON.stringify({ samplingRatio: 1 }) }, 202);
  for (let peakBytes = 0; ;) {
    await delay(POLL_MS);
    peakBytes = Math.max(peakBytes, (worker && residentBytes(worker.pid)) ?? 0);
    const status = await client.expect<{
      sampleJobRunning: { status: boolean };
      totalFragmentCount: number;
      status: string;
    }>({ method: 'GET', path: STATUS });
    if (status.sampleJobRunning.status || status.status !== 'TASK_FINISHED') continue;
    return { fragments: status.totalFragmentCount, seconds: (performance.now() - start) / 1_000, peakBytes };
  }
}
