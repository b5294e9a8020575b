import { getHeapSpaceStatistics } from 'node:v8';
import { Metrics } from '@tessera/observability';
import { Database } from './database.js';

/**
 * A process of its own, as services are: asks thousands of queries, and prints how many bytes the old generation has gained
 * for each although only the young one was collected. Run with `--expose-gc` and `<address of MongoDB> <database>`.
 */
const [uri = '', name = ''] = process.argv.slice(2);
const collect = globalThis.gc as NodeJS.GCFunction;
const database = Database.create({ uri, name, metrics: new Metrics('test') });
const fragments = database.collection<{ _id: string; body: string }>('fragments');
const ids = Array.from({ length: 50 }, (_, index) => `fragment-${index}`);
await fragments.insertMany(ids.map((_id) => ({ _id, body: 'x'.repeat(500) })));

const ROUNDS = 40;
const askAll = () => Promise.all(ids.map((_id) => fragments.find({ _id }).toArray()));
const oldBytes = () => getHeapSpaceStatistics().find(({ space_name: space }) => space === 'old_space')?.space_used_size;

await askAll();
collect({ type: 'major' });
const before = oldBytes() ?? 0;
for (let round = 0; round < ROUNDS; round++) {
  await askAll();
  collect({ type: 'minor' });
}
console.log(((oldBytes() ?? 0) - before) / (ROUNDS * ids.length));
await database.close();
