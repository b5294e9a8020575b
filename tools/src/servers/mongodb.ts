import { serverVariables } from '@tessera/testing';
import { MongoClient, MongoServerError, type Document } from 'mongodb';
import { container } from './docker.js';
import { mongodProgram } from './mongod-program.js';
import type { Launch, LaunchRequest, ServerKind } from './server-kind.js';

const SET = 'rs0';
/** Server code: this node has no replica set configuration yet. */
const NOT_YET_INITIALISED = 94;

const settings = [
  ...['--replSet', SET, '--wiredTigerCacheSizeGB', '1.5', '--oplogSize', '512', '--quiet'],
  // With a small cache, five per cent changed pages are little: they would be written out over and over (docs/adr/0066).
  ...['--wiredTigerEngineConfigString', 'eviction_dirty_target=25,eviction_dirty_trigger=50'],
  // A single node hands its work to nobody when it is stopped.
  ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'],
  ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
  // Seconds for which long work can read at the moment it was asked for.
  ...['--setParameter', 'minSnapshotHistoryWindowInSeconds=3600'],
];

export const mongodb: ServerKind = {
  name: 'MongoDB',
  id: 'mongodb',
  variable: serverVariables.mongodbUri,
  portVariable: 'TESSERA_MONGODB_PORT',
  addressOf: (port) => `mongodb://127.0.0.1:${port}/?replicaSet=${SET}`,
  native,
  docker,
  initialise,
  check,
};

async function native(request: LaunchRequest): Promise<Launch> {
  const program = await mongodProgram(request.command);
  const listening = ['--bind_ip', '127.0.0.1', '--port', String(request.port), '--nounixsocket'];
  return { program, args: [...settings, ...listening, '--dbpath', request.data] };
}

/** Inside the container it has the published port, since clients are sent to the address in the set's configuration. */
function docker(request: LaunchRequest): Launch {
  return container(request, {
    image: 'mongodb',
    containerPort: request.port,
    dataFolder: '/data/db',
    args: [...settings, '--bind_ip_all', '--port', String(request.port)],
  });
}

/** Makes the node the only member of its set, also when its data comes from a run on another port. */
async function initialise(port: number): Promise<void> {
  const host = `127.0.0.1:${port}`;
  await withClient(`mongodb://${host}/?directConnection=true`, async (client) => {
    const admin = client.db('admin');
    const members = [{ _id: 0, host }];
    const configuration = await admin.command({ replSetGetConfig: 1 }).catch((error: unknown) => {
      if (error instanceof MongoServerError && error.code === NOT_YET_INITIALISED) return undefined;
      throw error;
    });
    if (configuration === undefined) {
      await admin.command({ replSetInitiate: { _id: SET, members } });
    } else {
      const current = configuration['config'] as { version: number; members: { host: string }[] };
      if (current.members.length === 1 && current.members[0]?.host === host) return;
      await admin.command({ replSetReconfig: { ...current, members, version: current.version + 1 }, force: true });
    }
  });
}

async function check(address: string): Promise<void> {
  const hello = await withClient(address, (client) => client.db('admin').command({ hello: 1 }));
  if (hello['setName'] === undefined) throw new Error('the server is not a member of a replica set');
  if (hello['isWritablePrimary'] !== true) throw new Error('the replica set has no primary yet');
}

async function withClient<Result extends Document | void>(
  address: string,
  work: (client: MongoClient) => Promise<Result>,
): Promise<Result> {
  const client = new MongoClient(address, { serverSelectionTimeoutMS: 2_000, connectTimeoutMS: 2_000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
