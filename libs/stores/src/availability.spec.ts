import { UnavailableError } from '@tessera/contracts';
import {
  dropTestDatabase,
  eventually,
  freePort,
  openDoor,
  testServers,
  uniqueDatabaseName,
  type Door,
} from '@tessera/testing';
import { available } from './bulk.js';
import { Database } from './database.js';

/** Longer than the door needs to open again. */
const PATIENCE_MS = 30_000;
const door = () => openDoor(new URL(testServers().mongodbUri).host);
const uriOf = ({ port }: { readonly port: number }) => `mongodb://127.0.0.1:${port}/?directConnection=true`;

interface Thing {
  readonly _id: string;
}

/** Real: MongoDB, behind a door that is shut while it is "down". */
describe('a database that is down', () => {
  const name = uniqueDatabaseName();
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(() => dropTestDatabase(testServers().mongodbUri, name));

  const connected = async (way: Door, timeout: number) => {
    const database = Database.create({ uri: uriOf(way), name, timeout });
    closing.push(
      () => database.close(),
      () => way.shut(),
    );
    await database.connect();
    return database;
  };
  const things = (database: Database) => database.collection<Thing>('datasets');

  /** Everything that can be asked; each must be refused. */
  const questions: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
    findOne: (database) => things(database).findOne({ _id: 'a' }),
    find: (database) =>
      things(database)
        .find({}, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .toArray(),
    'find, one by one': async (database) => {
      for await (const thing of things(database).find({})) expect(thing).toBeDefined();
    },
    aggregate: (database) => things(database).aggregate([]).next(),
    $documents: (database) => database.aggregate([{ $documents: [{ a: 1 }] }]).toArray(),
    countDocuments: (database) => things(database).countDocuments({}),
    insertOne: (database) => things(database).insertOne({ _id: 'b' }),
    updateOne: (database) => things(database).updateOne({ _id: 'a' }, { $set: { x: 1 } }),
    bulkWrite: (database) => things(database).bulkWrite([{ insertOne: { document: { _id: 'b' } } }]),
    createIndex: (database) => things(database).createIndex({ x: 1 }),
    ping: (database) => database.ping(),
  };

  it('refuses everything at once, begins none of it, and is asked again by itself once it is back', async () => {
    const way = await door();
    const database = await connected(way, 1_000);
    await things(database).insertOne({ _id: 'a' });
    await way.shut();
    await eventually(() => expect(things(database).findOne({ _id: 'a' })).rejects.toThrow(UnavailableError), {
      timeout: 20_000,
    });
    for (const [what, ask] of Object.entries(questions)) {
      const refused = await ask(database).catch((error: unknown) => error);
      expect([what, refused]).toEqual([what, expect.any(UnavailableError)]);
    }
    await way.open();
    await eventually(async () => expect(await things(database).findOne({ _id: 'a' })).toEqual({ _id: 'a' }));
    expect(await things(database).findOne({ _id: 'b' })).toBeNull();
  });

  it('is noticed when it is frozen', async () => {
    const way = await door();
    const database = await connected(way, 1_000);
    await database.ping();
    way.freeze();
    await eventually(() => expect(database.ping()).rejects.toThrow(UnavailableError), { timeout: 30_000 });
    await way.open();
    await eventually(() => database.ping());
  });

  it('is told of by what was under way when it froze', async () => {
    const way = await door();
    const database = await connected(way, 1_000);
    await things(database).insertOne({ _id: 'frozen' });
    way.freeze();
    const underWay = [
      available(database.write('datasets', { documents: [{ _id: 'under way' }] })),
      available(things(database).findOne({ _id: 'frozen' })),
    ];
    for (const asked of await Promise.allSettled(underWay)) {
      expect(asked).toMatchObject({ status: 'rejected', reason: expect.any(UnavailableError) as UnavailableError });
    }
  });

  it('is waited for as long as an election may take', async () => {
    const way = await door();
    const database = await connected(way, PATIENCE_MS);
    await things(database).insertOne({ _id: 'patience' });
    await way.shut();
    const waiting = things(database).findOne({ _id: 'patience' });
    // Asked while it is away; the driver finds it as soon as it is back.
    await Promise.all([way.open(), expect(waiting).resolves.toEqual({ _id: 'patience' })]);
  });

  it('from the start is asked when it comes', async () => {
    const port = await freePort();
    const database = Database.create({ uri: uriOf({ port }), name, timeout: 500 });
    closing.push(() => database.close());
    await expect(database.connect()).rejects.toThrow();
    await eventually(() => expect(database.ping()).rejects.toThrow(UnavailableError));
    const way = await openDoor(new URL(testServers().mongodbUri).host, port);
    closing.push(() => way.shut());
    await database.connect();
    await database.ping();
  });
});
