import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { BatchRowRemover } from '../batches/batch-row-remover.js';
import type { FiguresDocument } from '../computed-attributes/figures-document.js';
import { Database } from '../database.js';
import { DeletionFences } from '../deletions/deletion-fences.js';
import { FenceSetter } from '../deletions/fence-setter.js';
import { TouchedIdentities } from '../deletions/touched-identities.js';
import { ensureIndexes } from '../indexes.js';
import { EventReader } from '../profile-reads/event-reader.js';
import { DeletedHolders } from './deleted-holders.js';
import { storedEventId, type EventDocument } from './event-document.js';
import { EventRemover } from './event-remover.js';
import { EventWriter, type EventWrite } from './event-writer.js';
import { HiddenBatches } from './hidden-batches.js';
import { RepeatRelease } from './repeat-release.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const writer = new EventWriter(database);
const release = new RepeatRelease(database);
const hidden = new HiddenBatches(database);
const holders = new DeletedHolders({
  fences: new DeletionFences(database),
  hidden,
  touched: new TouchedIdentities(database),
});
const events = database.collection<EventDocument>('events');
const noted = () => Promise.resolve();

beforeAll(() => ensureIndexes(database));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

const newTenant = (): Tenant => ({ organisation: 'ORG@TesseraOrg', sandbox: randomUUID() });

/** The same event, accepted at some place in the order, with a batch or streamed. */
function repeat(datasetId: string, place: number, batchId?: string): EventWrite {
  const accepted = { acceptedAt: 1_000 + place, order: `order-${place}`, ...(batchId !== undefined && { batchId }) };
  return { datasetId, eventId: 'e', xids: ['x'], time: 1, ...accepted, body: JSON.stringify({ place }) };
}

const write = (tenant: Tenant, event: EventWrite) =>
  writer.apply(tenant, [event], { deletedAmong: (found) => holders.among(tenant, found) });

async function takeBack(tenant: Tenant, batchId: string): Promise<void> {
  const rows = new BatchRowRemover(database);
  await hidden.change(tenant, { hide: [batchId] });
  while ((await rows.removeSome(tenant, batchId, noted)) > 0);
  while ((await release.releaseSome(tenant, batchId, noted, 1)) > 0);
  await hidden.change(tenant, { show: [batchId] });
}

/** Places in the order of the events that are seen. */
async function seen(tenant: Tenant): Promise<number[]> {
  const [read] = await new EventReader(database).findMany(tenant, [{ xids: ['x'], descending: false, limit: 9 }]);
  return (read?.events ?? []).map(({ body }) => (JSON.parse(body) as { readonly place: number }).place);
}

const held = (tenant: Tenant) => events.countDocuments({ tenant: tenantKey(tenant), heldBy: { $exists: true } });

describe('an event that came several times', () => {
  // By their place in the order of acceptance; what is streamed is of no batch.
  const batchOf = ['A', undefined, 'B', undefined, 'A', 'C'] as const;
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ writes: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ takesBack: fc.constantFrom('A', 'B', 'C') }) },
  );

  it('is seen as the first accepted of those whose batch stands, whatever order they come in and batches are taken back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        const [tenant, datasetId] = [newTenant(), randomUUID()];
        const [written, takenBack] = [new Set<number>(), new Set<string | undefined>()];
        for (const one of steps) {
          if ('takesBack' in one) {
            await takeBack(tenant, one.takesBack);
            takenBack.add(one.takesBack);
          } else {
            const places = one.writes.filter((place) => !takenBack.has(batchOf[place]));
            await Promise.all(places.map((place) => write(tenant, repeat(datasetId, place, batchOf[place]))));
            for (const place of places) written.add(place);
          }
          const standing = [...written].filter((place) => !takenBack.has(batchOf[place]));
          expect(await seen(tenant)).toEqual(standing.length === 0 ? [] : [Math.min(...standing)]);
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('is not lost where repeats come while batches are being taken back', async () => {
    const places = fc.uniqueArray(fc.nat(5), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(places, fc.subarray(['A', 'B', 'C'], { minLength: 1 }), async (written, takenBack) => {
        const [tenant, datasetId] = [newTenant(), randomUUID()];
        const writeAll = (some: readonly number[]) =>
          some.map((place) => write(tenant, repeat(datasetId, place, batchOf[place])));
        const goes = (place: number) => takenBack.includes(batchOf[place] ?? '');
        const others = written.filter((place) => !goes(place));
        await Promise.all(writeAll(written.filter(goes)));
        await Promise.all([...takenBack.map((batchId) => takeBack(tenant, batchId)), ...writeAll(others)]);
        expect(await seen(tenant)).toEqual(others.length === 0 ? [] : [Math.min(...others)]);
        expect(await held(tenant)).toBeLessThan(Math.max(1, others.length));
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('is kept twice only as long as it may be needed', async () => {
    const [tenant, datasetId] = [newTenant(), randomUUID()];
    await write(tenant, repeat(datasetId, 2, 'B'));
    await write(tenant, repeat(datasetId, 3));
    expect(await held(tenant)).toBe(1);
    await write(tenant, repeat(datasetId, 1)); // Streamed: it cannot be taken back.
    expect(await held(tenant)).toBe(0);
    await write(tenant, repeat(datasetId, 3));
    expect(await held(tenant)).toBe(0);
    expect(await seen(tenant)).toEqual([1]);
  });

  it('has the attributes of those who are concerned counted anew when a repeat takes its place', async () => {
    const [tenant, datasetId] = [newTenant(), randomUUID()];
    await write(tenant, repeat(datasetId, 0, 'A'));
    await write(tenant, { ...repeat(datasetId, 1), xids: ['y'] });
    await takeBack(tenant, 'A');
    const figures = database.collection<FiguresDocument>('computed_figures');
    expect(await figures.findOne({ tenant: tenantKey(tenant), xids: 'y' })).toMatchObject({ dirty: true, datasetId });
  });

  it.each([
    ['begins', false],
    ['begins and ends', true],
  ])(
    'does not come back once its dataset is deleted where the deletion %s while its batch is taken back',
    async (_, ends) => {
      const [tenant, datasetId] = [newTenant(), randomUUID()];
      await write(tenant, repeat(datasetId, 0, 'A'));
      await write(tenant, repeat(datasetId, 1));
      await hidden.change(tenant, { hide: ['A'] });
      while ((await new BatchRowRemover(database).removeSome(tenant, 'A', noted)) > 0);
      const remover = new EventRemover(database);
      await release.releaseSome(tenant, 'A', async () => {
        const [fences, deletion] = [new FenceSetter(database), randomUUID()];
        await fences.set(tenant, [{ kind: 'dataset', datasetId }], 5_000, deletion);
        for await (const page of remover.pages(tenant, { datasetId }, 5_000, 9)) {
          await remover.remove(
            tenant,
            page.map(({ _id }) => _id),
            5_000,
          );
        }
        if (ends) await fences.close(tenant, deletion);
      });
      expect(await events.countDocuments({ _id: { $gte: storedEventId(datasetId, '') }, datasetId })).toBe(0);
    },
  );
});
