import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  deleteTestTopics,
  dropTestDatabase,
  eventually,
  freePort,
  serverEnvironment,
  testServers,
  uniqueDatabaseName,
  uniqueTopicPrefix,
  workspaceRoot,
} from '@tessera/testing';

/** Real: the built command with every service, on the servers of the test run. */
describe('npm start', () => {
  const servers = testServers();
  const database = uniqueDatabaseName();
  const topicPrefix = uniqueTopicPrefix();
  let running: ChildProcess | undefined;

  afterEach(async () => {
    if (running !== undefined) await end(running, 'SIGTERM');
    running = undefined;
  });

  afterAll(async () => {
    await dropTestDatabase(servers.mongodbUri, database);
    await deleteTestTopics(servers.kafkaBrokers, topicPrefix);
  });

  it('prints commands that work when pasted, and leaves nothing answering after Ctrl-C', async () => {
    const port = await freePort();
    running = launch(port);
    const output = collect(running);
    await eventually(() => expect(output.text).toContain('Ctrl-C stops everything.'), {
      timeout: 60_000,
      interval: 100,
    });

    const commands = output.text.slice(output.text.indexOf('TOKEN='), output.text.indexOf('Ctrl-C'));
    const answer = JSON.parse(execFileSync('sh', ['-c', commands], { encoding: 'utf8' })) as { code: string }[];
    expect(answer.map(({ code }) => code)).toContain('Email');

    expect(await end(running, 'SIGINT')).toBe(130);
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  });

  it('says that its port is taken before it starts anything', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    running = launch(port);
    const output = collect(running);
    const [code] = (await once(running, 'close')) as [number];
    server.close();
    expect(code).toBe(1);
    expect(output.text.trim()).toBe(
      `Port ${port} is taken: stop what listens there, or choose another one (TESSERA_PORT=9090 npm start).`,
    );
  });

  function launch(port: number): ChildProcess {
    const { PATH, HOME } = process.env;
    const ours = { MONGODB_DATABASE: database, KAFKA_TOPIC_PREFIX: topicPrefix, TESSERA_PORT: String(port) };
    return spawn(
      process.execPath,
      ['--disable-warning=TimeoutNegativeWarning', join(workspaceRoot(), 'dist/tools/start.main.js')],
      { env: { PATH, HOME, ...serverEnvironment(servers), ...ours }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
  }
});

function collect(child: ChildProcess): { text: string } {
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output.text += String(chunk)));
  return output;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  return child.exitCode;
}
