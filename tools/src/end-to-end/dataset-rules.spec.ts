import { eventually } from '@tessera/testing';
import type { DataSetReference } from '../client/record-message.js';
import { builtInSchemas, recordMessage } from '../client/record-message.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const CATALOG = '/data/foundation/catalog';
const DAY = 86_400_000;

interface SystemJobs {
  readonly children: readonly { readonly dataSetId: string; readonly status: string; readonly metrics: string }[];
}

/** Real: every service as a process, Kafka, MongoDB, Redis. */
describe('what a dataset’s settings do to its data', () => {
  let running: RunningPlatform;
  let accepted = 0;

  beforeAll(async () => {
    running = await runPlatform();
  }, 60_000);
  afterAll(() => running?.stop(), 60_000);

  const patch = (path: string, body: object) =>
    running.client.expect({ method: 'PATCH', path: `${CATALOG}/${path}`, body: JSON.stringify(body) });

  const enable = (dataset: DataSetReference, enabled: boolean) =>
    patch(`dataSets/${dataset.id}`, { tags: { unifiedProfile: [`enabled:${enabled}`] } });

  const keepFor = (dataset: DataSetReference, ttlValue: string | null) =>
    patch(`v2/dataSets/${dataset.id}`, { extensions: { adobe_unifiedProfile: { rowExpiration: { ttlValue } } } });

  async function sendPerson(dataset: DataSetReference, id: string, city: string): Promise<void> {
    const entity = { identityMap: { Email: [{ id, primary: true }] }, city };
    await running.client.streamRecord(running.inletId, recordMessage(dataset, running.client.organisation, entity));
    accepted += 1;
  }

  async function sendEvents(dataset: DataSetReference, id: string, agesInDays: readonly number[]): Promise<void> {
    const messages = agesInDays.map((age) => {
      const timestamp = new Date(Date.now() - age * DAY).toISOString();
      const entity = { identityMap: { Email: [{ id, primary: true }] }, _id: `${id}-${age}`, timestamp };
      return recordMessage(dataset, running.client.organisation, entity);
    });
    await running.stream(messages);
    accepted += messages.length;
  }

  const cityOf = async (id: string) =>
    (await running.client.profile({ namespace: 'Email', id }, 'city'))?.entity['city'];

  const eventsOf = async (id: string) =>
    (await running.client.events({ namespace: 'Email', id })).children.map(({ entityId }) => entityId);

  const countsOf = async ({ id }: DataSetReference) =>
    (await running.client.counters()).datasets.find(({ datasetId }) => datasetId === id);

  it('takes records by how it was when they were accepted, however late a worker comes to them', async () => {
    const dataset = await running.client.createDataSet('switched', builtInSchemas.profile);
    const [worker] = running.platform.instances('ingestion-worker');
    await sendPerson(dataset, 'before', 'Rome');
    await running.settled(accepted);
    await worker?.stop();
    await sendPerson(dataset, 'enabled', 'Oslo');
    await enable(dataset, false);
    await sendPerson(dataset, 'disabled', 'Bern');
    await sendPerson(dataset, 'before', 'Bern');
    await enable(dataset, true);
    await sendPerson(dataset, 'again', 'Kiev');
    await worker?.start();
    await running.settled(accepted);
    expect(await Promise.all(['before', 'enabled', 'disabled', 'again'].map(cityOf))).toEqual([
      'Rome',
      'Oslo',
      undefined,
      'Kiev',
    ]);
    expect(await countsOf(dataset)).toMatchObject({ applied: 5, stored: 3, notEnabled: 2 });
  }, 120_000);

  it('takes nothing from the moment the change was answered, and keeps showing what it has', async () => {
    const dataset = await running.client.createDataSet('switched off', builtInSchemas.profile);
    for (let round = 0; round < 5; round += 1) {
      await enable(dataset, true);
      await sendPerson(dataset, `on-${round}`, 'Rome');
      await enable(dataset, false);
      await sendPerson(dataset, `off-${round}`, 'Bern');
    }
    await running.settled(accepted);
    const rounds = [0, 1, 2, 3, 4];
    expect(await Promise.all(rounds.map((round) => cityOf(`on-${round}`)))).toEqual(rounds.map(() => 'Rome'));
    expect(await Promise.all(rounds.map((round) => cityOf(`off-${round}`)))).toEqual(rounds.map(() => undefined));
  }, 120_000);

  it('hides expired events from the moment of the change, and has those on disk follow', async () => {
    const { purchases } = running;
    await sendEvents(purchases, 'ada', [1, 3, 20, 40]);
    await running.settled(accepted);
    expect(await eventsOf('ada')).toEqual(['ada-40', 'ada-20', 'ada-3', 'ada-1']);
    await keepFor(purchases, 'P30D');
    expect(await eventsOf('ada')).toEqual(['ada-20', 'ada-3', 'ada-1']);
    await keepFor(purchases, 'P1W');
    expect(await eventsOf('ada')).toEqual(['ada-3', 'ada-1']);
    await sendEvents(purchases, 'bob', [2, 9]);
    await running.settled(accepted);
    expect(await eventsOf('bob')).toEqual(['bob-2']);
    expect(await countsOf(purchases)).toMatchObject({ applied: 6, stored: 6 });
    await eventually(
      async () => {
        const path = '/data/core/ups/system/jobs?sort=createdAt:desc';
        const { children } = await running.client.expect<SystemJobs>({ method: 'GET', path });
        expect(children.map(({ dataSetId, status }) => [dataSetId, status])).toEqual([
          [purchases.id, 'SUCCESS'],
          [purchases.id, 'SUCCESS'],
        ]);
      },
      { timeout: 60_000 },
    );
    await keepFor(purchases, null);
    expect(await eventsOf('ada')).toEqual(['ada-3', 'ada-1']);
  }, 120_000);
});
