import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@tessera/testing';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const PEOPLE = 400;
const PATH = '/data/core/ups/previewsamplestatus';

/** Real: every service as a process, Kafka, MongoDB, Redis. */
describe('samples', () => {
  let running: RunningPlatform;
  beforeAll(async () => {
    running = await runPlatform({
      services: { 'sampling-worker': 2, 'export-worker': 0, edge: 0 },
      environment: {
        SAMPLE_RANGE_IDENTITIES: '10',
        JOB_PART_CONCURRENCY: '1',
        JOB_LOCK_MS: '2000',
        SAMPLE_STREAMING_INTERVAL_MS: '1500',
        SAMPLE_BATCH_INTERVAL_MS: '1500',
      },
    });
  }, 180_000);
  afterAll(() => running?.stop(), 60_000);

  const get = async <Body>(path: string): Promise<Body> =>
    running.client.expect<Body>({ method: 'GET', path: `${PATH}${path}` });

  it('follow what streams in by themselves, and are right whoever of their workers is killed', async () => {
    const { platform } = running;
    const email = (index: number) => [{ id: `p${index}@example.com`, primary: true }];
    const phone = (index: number) => [{ id: `+49${index}`, primary: true }];
    const messages = Array.from({ length: PEOPLE }, (_, index) => {
      if (index % 4 === 0) {
        return running.purchase({
          _id: `purchase-${index}`,
          timestamp: new Date(Date.now() - 40 * 86_400_000).toISOString(),
          identityMap: { Email: email(index) },
        });
      }
      return running.person({ identityMap: index % 4 === 1 ? { Phone: phone(index) } : { Email: email(index) } });
    });
    await running.stream(messages);
    await running.settled(PEOPLE);

    await eventually(
      async () => expect(await get('')).toMatchObject({ status: 'TASK_FINISHED', streamingDriven: '"true"' }),
      { timeout: 60_000 },
    );
    // The last one may have begun before the last records were there, and what is left may be less than five per cent.
    const { id } = await eventually(
      async () => {
        expect(await get('')).toMatchObject({ sampleJobRunning: { status: false } });
        return running.client.expect<{ id: string }>({ method: 'POST', path: PATH, body: '{}' }, 202);
      },
      { timeout: 60_000 },
    );
    const workers = platform.instances('sampling-worker');
    for (let turn = 0; turn < 4; turn += 1) {
      await delay(100 * turn);
      await workers[turn % workers.length]?.kill();
      await workers[turn % workers.length]?.start();
    }
    await eventually(
      async () => {
        const path = `/data/core/ups/ops/jobs/${id}`;
        expect(await running.client.expect({ method: 'GET', path })).toMatchObject({ status: 'SUCCESS' });
      },
      { timeout: 90_000 },
    );
    const { totalRows, ...status } = await get<{ totalRows: string }>('');
    expect({ totalRows, ...status }).toMatchObject({
      ...{ totalRows: String(PEOPLE), numRowsToRead: String(PEOPLE), totalFragmentCount: PEOPLE },
      ...{ status: 'TASK_FINISHED', samplingRatio: 1, docCount: `"${PEOPLE}"` },
    });
    const overlap = await get<{ data: Record<string, number> }>('/report/dataset/overlap');
    expect(overlap.data).toEqual({
      [running.people.id]: (3 * PEOPLE) / 4,
      [running.purchases.id]: PEOPLE / 4,
    });
    expect(Object.values(overlap.data).reduce((sum, count) => sum + count, 0)).toBe(Number(totalRows));
    expect((await get<{ data: unknown }>('/report/namespace/overlap')).data).toEqual({
      Email: (3 * PEOPLE) / 4,
      Phone: PEOPLE / 4,
    });
    const { data } = await get<{ data: { unstitchedProfiles: Record<string, { countOfProfiles: number }> } }>(
      '/report/unstitchedProfiles',
    );
    expect(data.unstitchedProfiles['30days']?.countOfProfiles).toBe(PEOPLE);
    expect(data.unstitchedProfiles['60days']?.countOfProfiles).toBe((3 * PEOPLE) / 4);
  }, 240_000);
});
