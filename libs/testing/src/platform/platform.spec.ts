import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { testServers } from '../servers/server-addresses.js';
import { dropTestDatabase, uniqueDatabaseName } from '../servers/test-databases.js';
import { deleteTestTopics, uniqueTopicPrefix } from '../servers/test-topics.js';
import { workspaceRoot } from '../workspace.js';
import { startPlatform, type Platform, type PlatformOptions } from './platform.js';

const none: NonNullable<PlatformOptions['services']> = {
  ...{
    edge: 0,
    gateway: 0,
    'ingestion-worker': 0,
    'merge-worker': 0,
    'deletion-worker': 0,
    'export-worker': 0,
    'sampling-worker': 0,
  },
};

/** Real: the built services as processes of their own, Kafka and MongoDB. */
describe('a platform', () => {
  const servers = testServers();
  const database = uniqueDatabaseName();
  const topicPrefix = uniqueTopicPrefix();
  const one: PlatformOptions = {
    servers,
    database,
    topicPrefix,
    partitions: 2,
    services: { ...none, 'merge-worker': 1 },
  };
  let platform: Platform | undefined;

  afterEach(async () => {
    await platform?.stop();
    platform = undefined;
  });

  afterAll(async () => {
    await dropTestDatabase(servers.mongodbUri, database);
    await deleteTestTopics(servers.kafkaBrokers, topicPrefix);
  });

  it('keeps its files when another platform on a database of the same name stops', async () => {
    platform = await startPlatform({ ...one, services: none });
    const other = await startPlatform({ ...one, services: none });
    await other.stop();
    expect([other, platform].map(({ objectFolder }) => existsSync(objectFolder))).toEqual([false, true]);
  });

  it('leaves none of its files after kill -9 of the command that started it', async () => {
    const root = workspaceRoot();
    const program = join(root, 'dist/fixtures/platform-command.js');
    const source = join(root, 'libs/testing/src/platform/platform-command.fixture.ts');
    const options = ['--bundle', '--platform=node', '--format=esm', '--packages=external', '--log-level=error'];
    execFileSync(join(root, 'node_modules/.bin/esbuild'), [source, ...options, `--outfile=${program}`]);
    const command = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(command.stdout, 'data')) as [Buffer];
      const folder = line.toString().trim();
      expect(existsSync(folder)).toBe(true);
      command.kill('SIGKILL');
      await eventually(() => expect(existsSync(folder)).toBe(false), { timeout: 10_000 });
    } finally {
      command.kill('SIGKILL');
    }
  });

  it('reports a service that ends by itself and does not restart it', async () => {
    platform = await startPlatform(one);
    const [worker] = platform.instances('merge-worker');
    process.kill(worker!.pid!, 'SIGKILL');
    await eventually(() => expect(platform!.unexpectedExits).toEqual(['merge-worker-1 was ended by SIGKILL']));
    expect(worker!.running).toBe(false);
  });

  it('kills, restarts and adds instances on demand without calling that unexpected', async () => {
    platform = await startPlatform({
      ...one,
      services: { ...none, gateway: 1 },
    });
    const [first] = platform.instances('gateway');
    const second = await platform.add('gateway');
    const before = first!.pid;
    await first!.kill();
    expect(await isLive(first!)).toBe(false);
    await first!.start();
    expect(first!.pid).not.toBe(before);
    await second.stop();
    expect(await Promise.all([first!, second].map(isLive))).toEqual([true, false]);
    expect(platform.unexpectedExits).toEqual([]);
  });

  it('that cannot start says why with the end of the log', async () => {
    const broken = { ...one, environment: { GRAPH_MAX_IDENTITIES: 'many' } };
    await expect(startPlatform(broken)).rejects.toThrow(
      /merge-worker-1 ended with code \d+ before it was ready:[^]*GRAPH_MAX_IDENTITIES/,
    );
  });
});

function isLive(instance: { readonly url: string }): Promise<boolean> {
  return fetch(`${instance.url}/health/live`).then(
    (response) => response.ok,
    () => false,
  );
}
