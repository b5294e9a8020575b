import { MongoClient } from 'mongodb';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { Database } from '../database.js';
import { AttributePrograms } from './attribute-programs.js';
import { PassingTime } from './passing-time.js';

const uri = testServers().mongodbUri;

/** Real: MongoDB. */
describe('the stretch of time that nobody has followed', () => {
  let name: string;
  let database: Database;
  let client: MongoClient;
  const worker = () => new PassingTime(database, new AttributePrograms());

  beforeEach(() => {
    name = uniqueDatabaseName();
    database = Database.create({ uri, name });
    client = new MongoClient(uri);
  });
  afterEach(async () => {
    await client.close();
    await database.close();
    await dropTestDatabase(uri, name);
  });

  it('is given to one of the workers that ask at once, also when nobody has asked before', async () => {
    const taken = await Promise.all(Array.from({ length: 8 }, () => worker().take(50_000, 10_000)));
    expect(taken.filter((interval) => interval !== undefined)).toEqual([{ from: 40_000, to: 50_000 }]);
  });

  it('goes on from where it was followed to, by any worker, or after one that has died', async () => {
    const [one, other] = [worker(), worker()];
    const first = await one.take(50_000, 10_000);
    expect(await other.take(70_000, 10_000)).toBeUndefined();
    if (first) await one.followed(first);
    expect(await other.take(55_000, 10_000)).toBeUndefined();
    expect(await other.take(70_000, 10_000)).toEqual({ from: 50_000, to: 70_000 });
    expect(await one.take(100_000, 10_000)).toBeUndefined();
    expect(await one.take(370_000, 10_000)).toEqual({ from: 50_000, to: 370_000 });
  });

  it('is refused without an error in the log of the database', async () => {
    const [one, other] = [worker(), worker()];
    const first = await one.take(50_000, 10_000);
    await client.db(name).command({ profile: 2 });
    expect(await other.take(70_000, 10_000)).toBeUndefined();
    if (first) await one.followed(first);
    expect(await one.take(55_000, 10_000)).toBeUndefined();
    await client.db(name).command({ profile: 0 });
    const profile = client.db(name).collection('system.profile');
    const ofClock = { ns: `${name}.computed_attribute_clock` };
    expect(await profile.countDocuments(ofClock)).toBeGreaterThan(0);
    expect(await profile.find({ ...ofClock, errName: { $exists: true } }).toArray()).toEqual([]);
  });
});
