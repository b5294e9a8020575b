import { eventually } from '@tessera/testing';
import { retryAfter, streamBatches } from '../load/stream-batches.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const BACKLOG = 200;
const RECORDS = 2_000;

/** Real: every service as a process, Kafka, MongoDB. The ingestion worker is frozen, as one whose store hangs. */
describe('a worker that cannot keep up', () => {
  let running: RunningPlatform;

  beforeAll(async () => {
    running = await runPlatform({ environment: { INGEST_MAX_BACKLOG: String(BACKLOG) } });
  }, 60_000);
  afterAll(() => running?.stop(), 60_000);

  it('slows intake, and nothing that was accepted is lost', async () => {
    const { client, inletId, platform } = running;
    const [worker] = platform.instances('ingestion-worker');
    const person = (index: number) =>
      running.person({ identityMap: { Email: [{ id: `p${index}@example.com`, primary: true }] }, index });
    worker?.pause();
    let accepted = 0;
    const refusal = await eventually(
      async () => {
        const some = Array.from({ length: 50 }, (_, index) => person(accepted + index));
        const answer = await client.tryStreamBatch(inletId, some);
        if (answer.status === 207) accepted += some.length;
        expect(answer.status).toBe(429);
        return answer;
      },
      { timeout: 30_000 },
    );
    expect(accepted).toBeGreaterThan(BACKLOG);
    expect(retryAfter(refusal)).toBeGreaterThan(0);

    let answered = 0;
    const rest = Array.from({ length: RECORDS }, (_, index) => person(accepted + index));
    const streaming = streamBatches(client, inletId, rest, {
      batchSize: 25,
      inFlight: 4,
      onProgress: (records) => (answered += records),
    });
    // Intake is closed as long as nothing is applied, however often it is asked.
    for (let attempt = 0; attempt < 20; attempt += 1) {
      expect((await client.tryStreamBatch(inletId, [person(0)])).status).toBe(429);
    }
    expect(answered).toBe(0);
    worker?.resume();

    const result = await streaming;
    expect(result).toMatchObject({ accepted: RECORDS, refusals: [] });
    expect(result.waits).toBeGreaterThan(0);
    await running.settled(accepted + RECORDS);
    const { totals } = await client.counters();
    expect(totals).toMatchObject({ applied: accepted + RECORDS, duplicate: 0, deadLettered: 0 });
    const last = await client.profile({ namespace: 'Email', id: `p${accepted + RECORDS - 1}@example.com` });
    expect(last?.entity).toMatchObject({ index: accepted + RECORDS - 1 });
    expect(platform.unexpectedExits).toEqual([]);
  }, 180_000);
});
