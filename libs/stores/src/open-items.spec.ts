import { setFlagsFromString, getHeapSpaceStatistics } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Metrics } from '@tessera/observability';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from './database.js';
import { OpenItems } from './open-items.js';

interface Item {
  readonly name: number;
}

describe('open items', () => {
  it('are those that a set would have', () => {
    const actions = fc.array(fc.tuple(fc.constantFrom('add', 'delete', 'clear'), fc.nat(8)), { maxLength: 60 });
    fc.assert(
      fc.property(actions, (taken) => {
        const known: Item[] = Array.from({ length: 9 }, (_, name) => ({ name }));
        const [open, expected] = [new OpenItems<Item>(), new Set<Item>()];
        for (const [action, index] of taken) {
          const item = known[index] as Item;
          if (action === 'add') expect(open.add(item).size).toBe(expected.add(item).size);
          else if (action === 'delete') expect(open.delete(item)).toBe(expected.delete(item));
          else [open, expected].forEach((items) => items.clear());
        }
        expect(new Set(open)).toEqual(expected);
      }),
    );
  });
});

/** Real: MongoDB, and the collector of this process. */
describe('queries', () => {
  const { mongodbUri: uri } = testServers();
  const name = uniqueDatabaseName();
  const database = Database.create({ uri, name, metrics: new Metrics('test') });
  const fragments = database.collection<{ _id: string; body: string }>('fragments');
  const ids = Array.from({ length: 50 }, (_, index) => `fragment-${index}`);

  beforeAll(async () => {
    await fragments.insertMany(ids.map((_id) => ({ _id, body: 'x'.repeat(500) })));
  });

  afterAll(async () => {
    await database.close();
    await dropTestDatabase(uri, name);
  });

  const readAll = () => Promise.all(ids.map((_id) => fragments.find({ _id }).toArray()));

  it('leave nothing to the old generation', async () => {
    await readAll();
    collect('major');
    const before = oldBytes();
    for (let round = 0; round < 40; round++) {
      await readAll();
      collect('minor');
    }
    const perQuery = (oldBytes() - before) / (40 * ids.length);
    expect(perQuery).toBeLessThan(1_000);
  });

  it('that are not read to their end are ended with the database', async () => {
    const other = Database.create({ uri, name });
    const cursor = other.collection('fragments').find({}, { batchSize: 2 });
    await cursor.next();
    await other.close();
    expect(cursor.killed).toBe(true);
  });
});

const collect = collector();

function collector(): (type: 'major' | 'minor') => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: { type: 'major' | 'minor' }) => void;
  return (type) => gc({ type });
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: space }) => space === 'old_space')?.space_used_size ?? 0;
}
