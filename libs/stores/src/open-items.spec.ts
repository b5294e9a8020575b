import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { dropTestDatabase, testServers, uniqueDatabaseName, workspaceRoot } from '@tessera/testing';
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

/** Real: MongoDB, and the collector of a process as services are. */
describe('queries', () => {
  const { mongodbUri: uri } = testServers();
  const name = uniqueDatabaseName();
  afterAll(() => dropTestDatabase(uri, name));

  it('leave nothing to the old generation', () => {
    const root = workspaceRoot();
    const program = join(root, 'dist/fixtures/many-queries.js');
    const source = join(root, 'libs/stores/src/many-queries.fixture.ts');
    const tsconfig = join(root, 'tsconfig.base.json');
    const options = ['--bundle', '--platform=node', '--format=esm', '--packages=external', `--tsconfig=${tsconfig}`];
    execFileSync(join(root, 'node_modules/.bin/esbuild'), [source, ...options, `--outfile=${program}`]);
    const bytesPerQuery = execFileSync(process.execPath, ['--expose-gc', program, uri, name], {
      encoding: 'utf8',
    });
    // Of what a query leaves behind, some 75 kB, it was 8 kB.
    expect(Number(bytesPerQuery)).toBeLessThan(1_500);
  });

  it('that are not read to their end are ended with the database', async () => {
    const database = Database.create({ uri, name });
    const fragments = database.collection<{ _id: string }>('fragments');
    await fragments.insertMany(['a', 'b', 'c'].map((_id) => ({ _id })));
    const cursor = fragments.find({}, { batchSize: 2 });
    await cursor.next();
    await database.close();
    expect(cursor.killed).toBe(true);
  });
});
