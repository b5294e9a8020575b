import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '@tessera/contracts';
import { builtInSchemas, type DataSetReference, type RecordMessage } from '../client/record-message.js';
import { BatchClient } from './batch-client.fixture.js';
import { deletionBench } from './deletions.fixture.js';

const PEOPLE = 40;
/** When a record was sent: its answer had come before the deletion was asked for, or it was sent after that was answered. */
type Wave = 'before' | 'meanwhile' | 'after';

/** Real: every service as a process, Kafka, MongoDB, Redis. */
describe('deletions', () => {
  let bench: Awaited<ReturnType<typeof deletionBench>>;
  let crm: DataSetReference;
  let loyalty: DataSetReference;
  let visits: DataSetReference;

  beforeAll(async () => {
    bench = await deletionBench();
    crm = await bench.client.createDataSet('crm', builtInSchemas.profile);
    loyalty = await bench.client.createDataSet('loyalty', builtInSchemas.profile);
    visits = await bench.client.createDataSet('visits', builtInSchemas.event);
    await projectToEdge();
  }, 90_000);
  afterAll(() => bench?.stop(), 60_000);

  const email = (n: number) => `p${n}@example.com`;
  const phone = (n: number) => `+1555${n}`;
  let sent = 0;

  /** What every source says of a person: the CRM of email and phone, loyalty of phone and a card, an event of the email. */
  const about = (n: number, wave: Wave): RecordMessage[] => {
    const [mail, number] = [{ id: email(n) }, { id: phone(n) }];
    return [
      bench.message(crm, { identityMap: { Email: [{ ...mail, primary: true }], Phone: [number] }, crm: wave }),
      bench.message(loyalty, {
        identityMap: { Phone: [{ ...number, primary: true }], WAID: [{ id: `card-${n}` }] },
        loyalty: wave,
      }),
      bench.message(visits, {
        _id: `visit-${(sent += 1)}`,
        timestamp: '2026-01-01T00:00:00Z',
        identityMap: { Email: [{ ...mail, primary: true }] },
        visit: wave,
      }),
    ];
  };
  const entityOf = async (namespace: string, id: string): Promise<JsonObject | undefined> =>
    (await bench.client.profile({ namespace, id }))?.entity;
  const wavesOf = async (n: number): Promise<unknown[]> =>
    (await bench.client.events({ namespace: 'Email', id: email(n) })).children.map(({ entity }) => entity['visit']);

  /** Has the edge hold what the CRM and loyalty say of everybody. */
  async function projectToEdge(): Promise<void> {
    const project = (path: string, of: string, body: object) =>
      bench.client.expect<{ id: string }>(
        {
          method: 'POST',
          path,
          body: JSON.stringify(body),
          headers: { 'content-type': `application/vnd.adobe.platform.projection${of}+json` },
        },
        201,
      );
    const destination = { type: 'EDGE', dataCenters: ['OR1'], replicationPolicy: 'PROACTIVE' };
    const { id: destinationId } = await project('/data/core/ups/config/destinations', 'Destination', destination);
    const selector = { name: 'all', selector: 'crm,loyalty', destinationId };
    await project('/data/core/ups/config/projections?schemaName=_xdm.context.profile', 'Config', selector);
  }

  it('remove what was accepted before and keep what is accepted later, while records flow, also when topics are replayed', async () => {
    const everyone = Array.from({ length: PEOPLE }, (_, n) => n);
    await bench.stream(everyone.flatMap((n) => about(n, 'before')));
    // Said once: what the flow says over and over may have been replaced by the time it would be removed.
    const newsletter = await bench.client.createDataSet('newsletter', builtInSchemas.profile);
    const reader = { identityMap: { Email: [{ id: email(0), primary: true }] }, newsletter: 'weekly' };
    await bench.stream([bench.message(newsletter, reader)]);
    const rows = everyone.map((n) =>
      JSON.stringify({
        _id: `row-${n}`,
        timestamp: '2026-02-02T00:00:00Z',
        identityMap: { Email: [{ id: email(n), primary: true }] },
        visit: 'batch',
      }),
    );
    const batches = new BatchClient(bench.client);
    const batchId = await batches.send(visits, { format: 'json' }, [rows.join('\n')]);
    await batches.ended(batchId, 'success');
    // One that cannot be applied, and waits as a dead letter.
    await bench.stream([
      bench.message(visits, {
        _id: 'x',
        timestamp: 'never',
        identityMap: { Email: [{ id: email(0), primary: true }] },
      }),
    ]);
    await bench.quiet();
    expect(await bench.db.collection('dead_letters').countDocuments({ done: { $exists: false } })).toBe(1);
    // Some 200 records a second: everyone, over and over, each with the wave it belongs to by when it was sent.
    let wave: Wave = 'before';
    let flowing = true;
    const flow = (async () => {
      for (let n = 0; flowing; n = (n + 1) % PEOPLE) {
        const sentIn = wave;
        await bench.stream(about(n, sentIn));
        await delay(15);
      }
    })();
    const settle = async (visitsSent = 2 * PEOPLE) => {
      const before = sent;
      while (sent < before + visitsSent) await delay(20);
    };
    await settle();
    wave = 'meanwhile';
    await settle(6); // What was being sent as the wave changed has its answer.
    const jobs = [
      await bench.request({ dataSetId: loyalty.id }),
      await bench.request({ batchId }),
      await bench.deletePerson('Email', email(0)),
    ];
    wave = 'after';
    const ended = await Promise.all(jobs.map(({ id }) => bench.ended(id)));
    await settle();
    flowing = false;
    await flow;
    await bench.quiet();
    expect(ended.map(({ status, error }) => [status, error])).toEqual(jobs.map(() => ['SUCCESS', undefined]));

    const check = async () => {
      for (const n of everyone) {
        const entity = await entityOf('Email', email(n));
        expect(entity).toMatchObject({ crm: 'after', loyalty: 'after' });
        expect(entity).not.toHaveProperty('newsletter');
        const seen = await wavesOf(n);
        expect(seen).not.toContain('batch');
        expect(seen.includes('before')).toBe(n !== 0);
        expect(seen).toContain('after');
      }
    };
    await check();
    for (const { id } of jobs) {
      const { stores, verification } = await bench.receipt(id);
      expect([id, verification.clean, Object.values(stores).map(({ remaining }) => remaining)]).toEqual([
        id,
        true,
        Object.values(stores).map(() => 0),
      ]);
    }
    const ofPerson = await bench.receipt(jobs[2]?.id ?? '');
    expect(ofPerson.stores['deadLetters']?.removed).toBe(1);
    expect(ofPerson.stores['fragments']?.removed).toBeGreaterThan(0);
    expect(ofPerson.stores['events']?.removed).toBeGreaterThan(0);
    const { totals } = await bench.client.counters();
    expect(totals.applied).toBe(totals.stored + totals.superseded + totals.notEnabled + totals.deleted);
    expect(await bench.peopleStored()).toEqual(await bench.peopleByLinks());

    const before = await bench.dump();
    await bench.replayEverything();
    await bench.quiet();
    await check();
    expect(await bench.dump()).toEqual(before);
    expect((await bench.client.counters()).totals).toEqual(totals);
  }, 240_000);

  it('of a person leave nothing that can be found, and nobody else without what is theirs', async () => {
    const [gone, friend] = [900, 901];
    await bench.stream([...about(gone, 'before'), ...about(friend, 'before')]);
    await bench.stream([
      bench.message(visits, {
        _id: 'together',
        timestamp: '2026-01-01T00:00:00Z',
        identityMap: { Email: [{ id: email(gone), primary: true }], ECID: [{ id: '1'.repeat(38) }] },
      }),
    ]);
    await bench.quiet();
    const atEdge = (n: number) =>
      bench.client.send({
        method: 'GET',
        path: '/edge/OR1/projections/all',
        query: { entityId: email(n), entityIdNS: 'Email' },
      });
    expect((await atEdge(gone)).status).toBe(200);
    const job = await bench.deletePerson('Phone', phone(gone));
    expect(await bench.ended(job.id)).toMatchObject({ status: 'SUCCESS' });
    for (const [namespace, id] of [
      ['Email', email(gone)],
      ['Phone', phone(gone)],
      ['WAID', `card-${gone}`],
      ['ECID', '1'.repeat(38)],
    ] as const) {
      expect([namespace, (await bench.lookup(namespace, id)).status]).toEqual([namespace, 404]);
    }
    expect((await atEdge(gone)).status).toBe(404);
    expect(await entityOf('Email', email(friend))).toMatchObject({ crm: 'before', loyalty: 'before' });
    expect((await bench.receipt(job.id)).stores['identities']).toEqual({ removed: 4, remaining: 0 });
    const record = JSON.stringify(await bench.db.collection<{ _id: string }>('jobs').findOne({ _id: job.id }));
    expect(record).toContain('entityId');
    for (const plain of [email(gone), phone(gone), `card-${gone}`]) expect(record).not.toContain(plain);
  }, 90_000);

  it('of a dataset survive workers that are killed at any moment, and split people as what is left says', async () => {
    const glue = await bench.client.createDataSet('glue', builtInSchemas.profile);
    const many = Array.from({ length: 1_000 }, (_, n) => 2_000 + n);
    const messages = many.flatMap((n) => [
      bench.message(crm, { identityMap: { Email: [{ id: email(n), primary: true }], Phone: [{ id: phone(n) }] } }),
      // Every third pair of people is only one by what goes, and some identities are known by nothing else.
      bench.message(glue, {
        identityMap: {
          Email: [{ id: email(n), primary: true }],
          Phone: [{ id: phone(n - (n % 3)) }],
          WAID: [{ id: `g-${n}` }],
        },
      }),
    ]);
    await bench.running.stream(messages, 200);
    await bench.quiet();
    const { id } = await bench.request({ dataSetId: glue.id });
    const [worker] = bench.platform.instances('deletion-worker');
    for (let kill = 0; kill < 6; kill += 1) {
      await delay(100 + Math.random() * 500);
      await worker?.kill();
      await worker?.start();
    }
    expect(await bench.ended(id, 240_000)).toMatchObject({ status: 'SUCCESS' });
    expect(await bench.db.collection('fragments').countDocuments({ datasetId: glue.id })).toBe(0);
    expect(await bench.peopleStored()).toEqual(await bench.peopleByLinks());
    expect((await bench.lookup('WAID', 'g-2000')).status).toBe(404);
    expect(await bench.db.collection('deletion_touched').countDocuments()).toBe(0);
    expect((await bench.receipt(id)).verification.clean).toBe(true);
  }, 400_000);
});
