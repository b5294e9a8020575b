import { deleteTestKeys, eventually, testServers } from '@tessera/testing';
import { builtInSchemas } from '../client/record-message.js';
import { deletionBench } from './deletions.fixture.js';

const PEOPLE = 1_000;

/** Real: every service as a process, Kafka, MongoDB, Redis. */
describe('the receipt of a deletion', () => {
  let bench: Awaited<ReturnType<typeof deletionBench>>;

  beforeAll(async () => {
    bench = await deletionBench({ DELETION_STEP: '100' });
  }, 90_000);
  afterAll(() => bench?.stop(), 60_000);

  /** A dataset of records that each link two identities nobody else speaks of. */
  async function dataSetOfPeople(name: string) {
    const dataSet = await bench.client.createDataSet(name, builtInSchemas.profile);
    const messages = Array.from({ length: PEOPLE }, (_, n) =>
      bench.message(dataSet, {
        identityMap: { Email: [{ id: `${name}-${n}@example.com`, primary: true }], WAID: [{ id: `${name}-${n}` }] },
      }),
    );
    await bench.running.stream(messages, 200);
    await bench.quiet();
    return dataSet;
  }

  const worker = () => {
    const [first] = bench.platform.instances('deletion-worker');
    if (!first) throw new Error('there is no deletion worker');
    return first;
  };
  const left = (name: 'fragments' | 'links' | 'identities') => bench.db.collection(name).countDocuments();
  const isBelow = (name: 'fragments' | 'links' | 'identities', count: number) =>
    eventually(async () => expect(await left(name)).toBeLessThan(count), { timeout: 60_000, interval: 5 });

  const removed = async (id: string): Promise<Record<string, number>> => {
    const { stores } = await bench.receipt(id);
    return Object.fromEntries(Object.entries(stores).map(([store, count]) => [store, count.removed]));
  };
  const audited = async (id: string) => {
    const entry = await bench.db.collection<{ _id: string; counts: object }>('audit').findOne({ _id: `${id}/done` });
    return entry?.counts;
  };
  const processed = async (id: string) => JSON.parse((await bench.job(id)).metrics) as Record<string, number>;

  it('says exactly what was removed, as do the audit and the job, although its worker was restarted all along', async () => {
    const dataSet = await dataSetOfPeople('restarted');
    const { id } = await bench.request({ dataSetId: dataSet.id });
    for (const [store, count] of [
      ['fragments', PEOPLE - 100],
      ['links', PEOPLE - 100],
      ['identities', PEOPLE],
    ] as const) {
      await isBelow(store, count);
      await worker().stop();
      await worker().start();
    }
    expect(await bench.ended(id)).toMatchObject({ status: 'SUCCESS' });
    const counts = await removed(id);
    expect(counts).toMatchObject({ fragments: PEOPLE, links: PEOPLE, identities: 2 * PEOPLE });
    expect(await audited(id)).toEqual(counts);
    expect(await processed(id)).toMatchObject({ recordsProcessed: PEOPLE, fragments: PEOPLE });
  }, 300_000);

  it('says so of records and identities also when its worker was killed, and Redis lost everything', async () => {
    const dataSet = await dataSetOfPeople('killed');
    const { id } = await bench.request({ dataSetId: dataSet.id });
    await isBelow('fragments', PEOPLE - 100);
    await worker().kill();
    await worker().start();
    await isBelow('fragments', PEOPLE / 2);
    await deleteTestKeys(testServers().redisUrl, bench.running.topicPrefix);
    await isBelow('identities', 2 * PEOPLE - 100);
    await worker().kill();
    await worker().start();
    await isBelow('identities', PEOPLE);
    await deleteTestKeys(testServers().redisUrl, bench.running.topicPrefix);
    expect(await bench.ended(id)).toMatchObject({ status: 'SUCCESS' });
    const counts = await removed(id);
    expect(counts).toMatchObject({ fragments: PEOPLE, identities: 2 * PEOPLE });
    expect(await audited(id)).toEqual(counts);
  }, 300_000);
});
