import type { Identity, Tenant } from '@tessera/contracts';
import { batchPosition, versionOf } from '@tessera/domain';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database, type CollectionName } from '../database.js';
import { FragmentWriter } from '../fragments/fragment-writer.js';
import { ensureIndexes } from '../indexes.js';
import type { DeletionSubject } from './deletion.js';
import { DeletionScan } from './deletion-scan.js';

const uri = testServers().mongodbUri;
const name = uniqueDatabaseName();
const database = Database.create({ uri, name });
const scan = new DeletionScan(database);
const tenant: Tenant = { organisation: 'ORG@TesseraOrg', sandbox: 'prod' };
const key = 'ORG@TesseraOrg/prod';
const AT = 1_000;
const nothing = { fragments: 0, events: 0, links: 0, identities: 0, deadLetters: 0 };
const x: Identity = { xid: 'x', namespace: 'email', id: 'x' };

const subjects = {
  dataset: { kind: 'dataset', datasetId: 'd', isRemoved: false },
  batch: { kind: 'batch', datasetId: 'd', batchId: 'B' },
  person: { kind: 'person', entityId: 'x', members: [x] },
  sandbox: { kind: 'sandbox', sandboxName: 'prod', sandboxId: 's' },
} satisfies Record<string, DeletionSubject>;
type Kind = keyof typeof subjects;

beforeAll(() => ensureIndexes(database));
const emptied: CollectionName[] = ['fragments', 'events', 'links', 'identities', 'dead_letters'];
beforeEach(() => Promise.all(emptied.map((collection) => database.collection(collection).deleteMany({}))));
afterAll(async () => {
  await database.close();
  await dropTestDatabase(uri, name);
});

const plant = (collection: CollectionName, document: object) =>
  database.collection(collection).insertOne({ tenant: key, ...document });
const remaining = (kind: Kind) => scan.remaining({ id: 'j', tenant, subject: subjects[kind], at: AT });
const evidence = { datasetId: 'd', batchId: 'B', first: 1, last: 1 };
const lone = { componentId: 'x', clusterId: 'x', contested: false, members: [x] };

/** Real: MongoDB. Every leftover is planted under a key that no removal goes by. */
describe('the scan after a deletion', () => {
  it.each<[string, keyof typeof nothing, readonly Kind[], () => Promise<unknown>]>([
    [
      'a fragment',
      'fragments',
      ['dataset', 'batch', 'person', 'sandbox'],
      () => plant('fragments', { datasetId: 'd', batchId: 'B', xid: 'x', acceptedAt: AT }),
    ],
    [
      'an event',
      'events',
      ['dataset', 'batch', 'person', 'sandbox'],
      () => plant('events', { datasetId: 'd', batchId: 'B', xids: ['y', 'x'], acceptedAt: AT }),
    ],
    [
      'evidence of a link',
      'links',
      ['dataset', 'batch', 'person', 'sandbox'],
      () => plant('links', { a: 'a', b: 'x', evidence: { odd: evidence, other: { ...evidence, datasetId: 'e' } } }),
    ],
    ['an identity', 'identities', ['person', 'sandbox'], () => plant('identities', { _id: 'x', ...lone })],
    [
      'a dead letter',
      'deadLetters',
      ['dataset', 'batch', 'sandbox'],
      () =>
        plant('dead_letters', {
          datasetId: 'd',
          headers: [{ name: 'batch-id', value: 'B' }],
          acceptedAt: new Date(AT),
        }),
    ],
  ])('finds %s', async (_, store, kinds, planted) => {
    for (const kind of kinds) expect([kind, await remaining(kind)]).toEqual([kind, nothing]);
    await planted();
    for (const kind of kinds) expect([kind, await remaining(kind)]).toEqual([kind, { ...nothing, [store]: 1 }]);
  });

  it('finds the part that a record from before still has in a fragment that is newer as a whole', async () => {
    const writer = new FragmentWriter(database);
    const write = (age: number, acceptedAt: number, batchId: string, partial: Record<string, number>) => {
      const version = versionOf(age, { acceptedAt, position: batchPosition(batchId, '0') });
      return writer.apply(tenant, [{ datasetId: 'd', xid: 'x', age, version, acceptedAt, batchId, partial }]);
    };
    await write(5, AT, 'B', { a: 1 });
    await write(6, AT + 1, 'C', { b: 1 });
    for (const kind of ['dataset', 'batch', 'person'] as const) {
      expect([kind, (await remaining(kind)).fragments]).toEqual([kind, 1]);
    }
  });

  it('leaves alone what was accepted later, and what others have', async () => {
    await plant('fragments', { datasetId: 'd', xid: 'x', acceptedAt: AT + 1 });
    await plant('fragments', { datasetId: 'e', xid: 'y', acceptedAt: AT });
    await plant('events', { datasetId: 'd', batchId: 'B', xids: ['x'], acceptedAt: AT + 1 });
    await plant('links', { a: 'a', b: 'x', evidence: { later: { ...evidence, since: AT } } });
    await plant('identities', { _id: 'x', ...lone });
    await plant('dead_letters', { datasetId: 'd', headers: [], acceptedAt: new Date(AT + 1) });
    await plant('dead_letters', { datasetId: 'd', headers: [], acceptedAt: new Date(AT), done: true });
    for (const kind of ['dataset', 'batch', 'person'] as const) {
      expect([kind, await remaining(kind)]).toEqual([kind, nothing]);
    }
  });

  it('tells how much there is to remove', async () => {
    expect(await scan.survey({ id: 'j', tenant, subject: subjects.dataset, at: AT })).toBe(0);
    await plant('fragments', { _id: 'd.x', datasetId: 'd', xid: 'x', acceptedAt: 700 });
    await plant('events', { _id: 'd.e', datasetId: 'd', xids: ['x'], acceptedAt: 300 });
    await plant('events', { _id: 'd.f', datasetId: 'd', xids: ['x'], acceptedAt: AT + 1 });
    for (const kind of ['dataset', 'person'] as const) {
      const survey = await scan.survey({ id: 'j', tenant, subject: subjects[kind], at: AT });
      expect([kind, survey]).toEqual([kind, 2]);
    }
  });
});
