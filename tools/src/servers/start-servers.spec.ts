import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createTopics, eventually, testServers, workspaceRoot, type ServerAddresses } from '@tessera/testing';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';

const program = join(workspaceRoot(), 'dist/tools/servers.main.js');

/** Everything here is real; each test has servers of its own, since it kills them. */
describe('local servers', () => {
  let data: string;
  let running: ChildProcess[];

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'tessera-test-data-'));
    running = [];
  });

  afterEach(async () => {
    for (const child of running) if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGTERM');
    await rm(data, { recursive: true, force: true });
  });

  it('keep their data over kill -9 of the command, and leave no process behind', async () => {
    const first = launch({}, ['--data', data]);
    const before = await addresses(first);
    await writeSomething(before);
    const { guard } = JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as { guard: number };
    await end(first, 'SIGKILL');

    const second = launch({}, ['--data', data]);
    const after = await addresses(second);
    expect(isAlive(guard)).toBe(false);
    expect(after).not.toEqual(before);
    await readSomething(after);
    expect(await end(second, 'SIGINT')).toBe(130);
    await expect(readSomething(after)).rejects.toThrow();
    expect(existsSync(join(data, 'run.json'))).toBe(false);
  }, 180_000); // Two cold starts of Kafka take long where many other tests run.

  it('say that a data folder is in use by a run that goes on', async () => {
    const first = launch(testEnvironment(), ['--data', data]);
    await addresses(first);
    const second = launch(testEnvironment(), ['--data', data]);
    const [code, message] = await Promise.all([ended(second), errorOutput(second)]);
    expect(code).toBe(1);
    expect(message).toContain(`The data folder ${data} is in use by another run`);
  });

  it('say that a port asked for is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = String(typeof address === 'object' ? address?.port : undefined);
    const child = launch({ ...testEnvironment(), REDIS_URL: undefined, TESSERA_REDIS_PORT: port }, []);
    const [code, message] = await Promise.all([ended(child), errorOutput(child)]);
    server.close();
    expect(code).toBe(1);
    expect(message).toContain(`Port ${port}, asked for by TESSERA_REDIS_PORT for Redis, is taken`);
  });

  it('have an S3-compatible store beside them when asked for one', async () => {
    const child = launch({ ...testEnvironment(), S3_URL: undefined }, ['--s3', '--data', data]);
    const variables = await printed(child, 4);
    const { origin } = new URL(variables['S3_URL'] ?? '');
    expect((await fetch(origin)).status).toBe(403);
    expect(await end(child, 'SIGTERM')).toBe(143);
    await expect(fetch(origin)).rejects.toThrow();
  });

  it('given in the environment are used as they are and are not stopped', async () => {
    const child = launch(testEnvironment(), []);
    expect(await addresses(child)).toEqual(testServers());
    expect(await end(child, 'SIGTERM')).toBe(143);
    await eventually(() => withRedis(testServers(), (redis) => redis.ping()));
  });

  function launch(environment: Record<string, string | undefined>, args: string[]): ChildProcess {
    const { PATH, HOME, TESSERA_CACHE } = process.env;
    const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', program, ...args], {
      env: { PATH, HOME, TESSERA_CACHE, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    return child;
  }
});

function testEnvironment(): Record<string, string | undefined> {
  const { KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = process.env;
  return { KAFKA_BROKERS, MONGODB_URI, REDIS_URL };
}

/** The addresses the command prints when its servers can be used. */
async function addresses(child: ChildProcess): Promise<ServerAddresses> {
  return testServers(await printed(child, 3));
}

/** That many variables as the command prints them. */
async function printed(child: ChildProcess, count: number): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout! })) {
    const [, name, value] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) variables[name] = value;
    if (Object.keys(variables).length === count) return variables;
  }
  throw new Error(`The command ended early: ${await errorOutput(child)}`);
}

async function errorOutput(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stderr!) text += String(chunk);
  return text;
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = ended(child);
  child.kill(signal);
  return exit;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function writeSomething(servers: ServerAddresses): Promise<void> {
  await withMongo(servers, (client) =>
    client
      .db('kept')
      .collection('notes')
      .insertOne({ text: 'kept' }, { writeConcern: { w: 'majority', j: true } }),
  );
  await createTopics(servers.kafkaBrokers, [{ topic: 'kept', partitions: 2 }]);
  await withRedis(servers, (redis) => redis.set('kept', 'yes'));
  // Redis appends to its file at once but syncs it every second; the process alone is killed, so a write is enough.
}

async function readSomething(servers: ServerAddresses): Promise<void> {
  expect(await withRedis(servers, (redis) => redis.get('kept'))).toBe('yes');
  expect(await withMongo(servers, (client) => client.db('kept').collection('notes').countDocuments())).toBe(1);
  const admin = new Kafka({ brokers: [servers.kafkaBrokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  expect(await admin.listTopics()).toContain('kept');
  await admin.disconnect();
}

async function withMongo<Result>(
  servers: ServerAddresses,
  work: (client: MongoClient) => Promise<Result>,
): Promise<Result> {
  const client = new MongoClient(servers.mongodbUri, { serverSelectionTimeoutMS: 2_000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function withRedis<Result>(servers: ServerAddresses, work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(servers.redisUrl, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
