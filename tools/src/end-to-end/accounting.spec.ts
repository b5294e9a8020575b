import { recordHeaders, topics, type JsonObject } from '@tessera/contracts';
import { Messaging, Producer, type OutgoingMessage } from '@tessera/messaging';
import { createLogger } from '@tessera/observability';
import { eventually, testServers } from '@tessera/testing';
import type { RecordCounts } from '../client/answers.js';
import { recordMessage, type RecordMessage } from '../client/record-message.js';
import { randomNumbers } from './random-numbers.fixture.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const DEAD_LETTERS = '/data/core/ups/ops/deadLetters';
const JOBS = '/data/core/ups/system/jobs';
const START = 1_700_000_000_000;

/** What is to become of a record. */
type Fate = 'applied' | 'duplicate' | 'dead-letter';
type Door = 'single' | 'batch' | 'topic';
const doors: readonly Door[] = ['single', 'batch', 'topic'];

interface SystemJob {
  readonly id: string;
  readonly status: string;
  /** JSON text. */
  readonly metrics: string;
}

interface Sent {
  readonly datasetId: string;
  readonly fate: Fate;
  readonly door: Door;
  readonly text: string;
}

/** Real: every service as a process, Kafka, MongoDB, Redis. A worker is killed on the way. */
describe('the account of a mixed run', () => {
  let running: RunningPlatform;
  let producer: Producer;
  const sent: Sent[] = [];

  beforeAll(async () => {
    running = await runPlatform({ environment: { JOB_LOCK_MS: '2000' } });
    const messaging = new Messaging({
      brokers: testServers().kafkaBrokers.split(','),
      topicPrefix: running.topicPrefix,
      clientId: 'test',
      logger: createLogger('test', 'silent'),
    });
    producer = new Producer(messaging);
    await producer.connect();
  }, 60_000);
  afterAll(async () => {
    await producer?.close();
    await running?.stop();
  }, 60_000);

  const person = (index: number, more: JsonObject = {}): JsonObject => ({
    identityMap: { Email: [{ id: `p${index}@example.com`, primary: true }], Phone: [{ id: `+${index}` }] },
    ...more,
  });
  const aged = (day: number): JsonObject => ({
    extSourceSystemAudit: { lastUpdatedDate: new Date(START + day * 86_400_000).toISOString() },
  });

  /** Good, late, partial, deleting and bad records of people; good, repeated and bad events. */
  function mixture(): Sent[] {
    const { people, purchases, client } = running;
    const all: Sent[] = [];
    const add = (message: RecordMessage, fate: Fate) => {
      const door = doors[all.length % doors.length] ?? 'single';
      all.push({ datasetId: message.header.datasetId, fate, door, text: JSON.stringify(message) });
    };
    const organisation = client.organisation;
    for (let index = 0; index < 60; index += 1) {
      add(running.person(person(index, { ...aged(5), city: 'Rome' })), 'applied');
      add(running.person(person(index, { ...aged(2), city: 'late' })), 'applied');
      add(recordMessage(people, organisation, person(index, { ...aged(6), street: 'new' }), 'merge'), 'applied');
      if (index % 4 === 0) add(recordMessage(people, organisation, person(index, aged(9)), 'delete'), 'applied');
      if (index % 3 === 0) add(running.person(person(index, { count: 2 ** 60 })), 'dead-letter');
      if (index % 5 === 0) add(running.person({ name: 'nobody' }), 'dead-letter');
    }
    for (let index = 0; index < 80; index += 1) {
      const event = { ...person(index % 10), _id: `e${index}`, timestamp: new Date(START + index).toISOString() };
      add(running.purchase(event), 'applied');
      for (let repeat = 0; repeat < index % 3; repeat += 1) add(running.purchase(event), 'duplicate');
      if (index % 8 === 0) add(running.purchase({ ...event, timestamp: 'yesterday' }), 'dead-letter');
    }
    // Straight to the topic, past everything the gateway checks.
    const unknown = {
      ...running.person(person(1)),
      header: { ...running.person(person(1)).header, datasetId: 'nowhere' },
    };
    all.push({ datasetId: 'nowhere', fate: 'dead-letter', door: 'topic', text: JSON.stringify(unknown) });
    all.push({ datasetId: '', fate: 'dead-letter', door: 'topic', text: '{"header":' });
    all.push({
      datasetId: purchases.id,
      fate: 'dead-letter',
      door: 'topic',
      text: JSON.stringify(running.purchase({})),
    });
    return randomNumbers(11).shuffled(all);
  }

  async function send(records: readonly Sent[]): Promise<void> {
    const { client, inletId } = running;
    const of = (door: Door) => records.filter((record) => record.door === door).map(({ text }) => text);
    const parsed = (door: Door) => of(door).map((text) => JSON.parse(text) as RecordMessage);
    const refused = { header: {}, body: {} } as RecordMessage;
    await Promise.all([
      Promise.all(parsed('single').map((message) => client.streamRecord(inletId, message))),
      (async () => {
        const { responses } = await client.streamBatch(inletId, [...parsed('batch'), refused]);
        expect(responses.map(({ statusCode }) => statusCode).filter((code) => code !== undefined)).toEqual([400]);
      })(),
      producer.send(topics.record, of('topic').map(straight)),
    ]);
    sent.push(...records);
  }

  function straight(value: string): OutgoingMessage {
    const { organisation, sandbox } = running.client;
    return { value, headers: { [recordHeaders.organisation]: organisation, [recordHeaders.sandbox]: sandbox } };
  }

  const sentTo = (datasetId: string, fate?: Fate) =>
    sent.filter((one) => one.datasetId === datasetId && (fate === undefined || one.fate === fate)).length;

  async function countsOf(datasetId: string): Promise<RecordCounts | undefined> {
    return (await running.client.counters()).datasets.find((counts) => counts.datasetId === datasetId);
  }

  /** The identity that counters keep: nothing appears, nothing is lost. */
  async function expectSums(): Promise<void> {
    const { datasets } = await running.client.counters();
    expect(datasets.map(({ datasetId }) => datasetId).sort()).toEqual(
      [...new Set(sent.map((s) => s.datasetId))].sort(),
    );
    for (const { datasetId, applied, stored, superseded, notEnabled, duplicate, deadLettered, replayed } of datasets) {
      expect({ datasetId, accepted: sentTo(datasetId) + replayed }).toEqual({
        datasetId,
        accepted: applied + duplicate + deadLettered,
      });
      expect(applied).toBe(stored + superseded + notEnabled);
    }
  }

  async function done(jobId: string): Promise<SystemJob> {
    return eventually(
      async () => {
        const job = await running.client.expect<SystemJob>({ method: 'GET', path: `${JOBS}/${jobId}` });
        expect(job.status).toBe('SUCCESS');
        return job;
      },
      { timeout: 60_000 },
    );
  }

  it('adds up by dataset, whatever doors the records came by, with a worker killed on the way', async () => {
    const [ingestion] = running.platform.instances('ingestion-worker');
    const records = mixture();
    const half = Math.floor(records.length / 2);
    await send(records.slice(0, half));
    await ingestion?.kill();
    await ingestion?.start();
    await send(records.slice(half));
    await running.settled(records.length);
    await expectSums();
    for (const datasetId of [running.people.id, running.purchases.id, 'nowhere', '']) {
      expect(await countsOf(datasetId)).toMatchObject({
        applied: sentTo(datasetId, 'applied'),
        duplicate: sentTo(datasetId, 'duplicate'),
        deadLettered: sentTo(datasetId, 'dead-letter'),
        replayed: 0,
      });
    }
    const letters = await running.client.expect<{ _page: { totalCount: number } }>({
      method: 'GET',
      path: DEAD_LETTERS,
    });
    expect(letters._page.totalCount).toBe(sent.filter(({ fate }) => fate === 'dead-letter').length);
    const late = await running.client.profile({ namespace: 'Email', id: 'p1@example.com' });
    expect(late?.entity).toMatchObject({ city: 'Rome', street: 'new' });
  }, 180_000);

  it('adds up when dead letters are corrected, and when all of them are replayed by a job that loses its worker', async () => {
    const { client, people } = running;
    const before = await countsOf(people.id);
    const listed = await client.expect<{ children: { id: string; record: { json: RecordMessage } }[] }>({
      method: 'GET',
      path: DEAD_LETTERS,
      query: { datasetId: people.id, reason: 'unsafe-integer', limit: 5 },
    });
    expect(listed.children).toHaveLength(5);
    for (const { id, record } of listed.children) {
      const { count: _, ...entity } = record.json.body.xdmEntity;
      const corrected = { ...record.json, body: { ...record.json.body, xdmEntity: { ...entity, mended: true } } };
      const body = JSON.stringify({ record: corrected });
      await client.expect({ method: 'POST', path: `${DEAD_LETTERS}/${id}/replay`, body }, 202);
    }
    for (const { id } of listed.children) {
      await eventually(async () =>
        expect((await client.send({ method: 'GET', path: `${DEAD_LETTERS}/${id}` })).status).toBe(404),
      );
    }
    await eventually(async () =>
      expect(await countsOf(people.id)).toMatchObject({ applied: (before?.applied ?? 0) + 5, replayed: 5 }),
    );
    await expectSums();

    const waiting = sentTo(people.id, 'dead-letter') - 5;
    const filter = JSON.stringify({ datasetId: people.id });
    const job = await client.expect<SystemJob>({ method: 'POST', path: `${DEAD_LETTERS}/replay`, body: filter }, 202);
    const [ingestion] = running.platform.instances('ingestion-worker');
    await ingestion?.kill();
    await ingestion?.start();
    const { metrics } = await done(job.id);
    expect(JSON.parse(metrics)).toMatchObject({ selected: waiting, replayed: waiting, rejectedAgain: waiting });
    await running.settled(sent.length);
    await expectSums();
    const after = await client.expect<{ _page: { totalCount: number } }>({
      method: 'GET',
      path: DEAD_LETTERS,
      query: { datasetId: people.id },
    });
    expect(after._page.totalCount).toBe(waiting);
  }, 180_000);
});
