import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { eventually, workspaceRoot } from '@tessera/testing';
import { loadFile } from '../load-file/load-file.js';
import { loadOptions, type LoadOptions } from '../load-file/options.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const ROWS = 600;
const QUOTA = 150;
const HEADER = 'identityMap.Email[0].id,identityMap.Email[0].primary,person.name.firstName,note';

/** Real: the built services, with a quota and limits small enough to be met. */
describe('loading a file', () => {
  let running: RunningPlatform;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-load-'));
    running = await runPlatform({
      environment: {
        QUOTA_RECORDS_PER_SECOND: String(QUOTA),
        STREAMING_MAX_RECORD_BYTES: '20000',
        STREAMING_MAX_BATCH_BYTES: '60000',
      },
    });
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  function optionsOf(file: string, ...more: string[]): LoadOptions {
    const args = ['--file', file, '--dataset', running.people.id, '--url', running.platform.gatewayUrl, ...more];
    return loadOptions(args, {}) as LoadOptions;
  }

  /** What became of the records that were accepted, once none is under way. */
  async function outcomes() {
    const { datasets } = await running.client.counters();
    const {
      applied = 0,
      duplicate = 0,
      deadLettered = 0,
    } = datasets.find(({ datasetId }) => datasetId === running.people.id) ?? {};
    return { applied, duplicate, deadLettered };
  }

  it('sends every row through a quota, and its figures are those of the platform', async () => {
    const file = join(folder, 'people.csv');
    const person = (index: number) => `load${index}@example.com,true,"Ada, ${index}",`;
    const lines = Array.from({ length: ROWS }, (_, index) => {
      if (index === 10) return `${person(index)},one cell too many`;
      if (index === 20) return `load20@example.com,true,say "Ada",`;
      if (index % 100 === 30) return `,,Nobody ${index},`;
      if (index === 40) return `load40@example.com,true,Ada,${'x'.repeat(30_000)}`;
      return person(index);
    });
    await writeFile(file, `${HEADER}\r\n${lines.join('\r\n')}\r\n`);

    const { summary, failure, nextRow } = await loadFile(
      optionsOf(file, '--batch-size', '100', '--concurrency', '3'),
      new AbortController().signal,
      () => undefined,
    );

    expect(failure).toBeUndefined();
    expect(nextRow).toBe(ROWS);
    const { read, sent, accepted, refused, unreadable, unanswered } = summary;
    expect({ read, sent, accepted, refused, unreadable, unanswered }).toEqual({
      read: ROWS,
      sent: ROWS - 2,
      accepted: ROWS - 3,
      refused: 1,
      unreadable: 2,
      unanswered: 0,
    });
    expect(summary.repeats).toBeGreaterThan(0);
    expect(summary.refusedReasons).toEqual([
      { text: expect.stringContaining('413') as string, rows: 1, examples: [40] },
    ]);
    await running.settled(accepted);
    expect(await outcomes()).toEqual({ applied: accepted - 6, duplicate: 0, deadLettered: 6 });
    const profile = await running.client.profile({ namespace: 'Email', id: 'load599@example.com' });
    expect(profile?.entity).toMatchObject({ person: { name: { firstName: 'Ada, 599' } } });
  }, 180_000);

  it('is a command that fails when a row was refused, and says which and why', async () => {
    const file = join(folder, 'people.jsonl');
    const record = (id: string) => JSON.stringify({ identityMap: { Email: [{ id, primary: true }] } });
    await writeFile(file, [record('cli1@example.com'), '{"broken"', record('cli2@example.com'), ''].join('\n'));
    const broken = await load(file);
    expect(broken).toMatchObject({
      code: 1,
      output: expect.stringMatching(/read +3\nunreadable 1\n.*row 1\)\nsent +2\n/) as string,
    });

    const whole = await load(file, '--from', '2');
    expect(whole).toMatchObject({ code: 0, output: expect.stringMatching(/accepted +1\nrefused +0\n/) as string });
    expect(await load(file, '--from', '3')).toMatchObject({ code: 0 });

    const beyond = await load(file, '--from', '4');
    expect(beyond).toMatchObject({ code: 1, output: expect.stringContaining('ends before row 4') as string });
    expect(beyond.output).not.toContain('Go on');
  }, 60_000);

  it('reads Parquet, and merges what the rows say into what is known', async () => {
    const known = join(folder, 'known.jsonl');
    const identityMap = { Email: [{ id: 'parquet@example.com', primary: true }] };
    await writeFile(known, JSON.stringify({ identityMap, loyalty: { tier: 'gold' } }));
    expect(await load(known)).toMatchObject({ code: 0 });
    const file = join(folder, 'people.parquet');
    const columnData = [
      { name: 'identityMap', data: [identityMap], type: 'JSON' as const },
      { name: 'points', data: [7], type: 'INT32' as const },
    ];
    await writeFile(file, new Uint8Array(parquetWriteBuffer({ columnData })));
    expect(await load(file, '--operation', 'merge')).toMatchObject({ code: 0 });
    await eventually(async () => {
      const profile = await running.client.profile({ namespace: 'Email', id: 'parquet@example.com' });
      expect(profile?.entity).toMatchObject({ loyalty: { tier: 'gold' }, points: 7 });
    });
  }, 60_000);

  it.each([
    [['--dataset', '0123456789abcdef01234567'], 'The dataset 0123456789abcdef01234567 cannot be read'],
    [['--client-secret', 'wrong'], 'The client gets no token'],
    [['--token', 'wrong', '--inlet', 'f'.repeat(64), '--schema', 'any'], 'There is no such inlet'],
    [['--format', 'parquet'], 'not a Parquet file'],
    [['--file', '/nowhere.csv'], 'There is no file /nowhere.csv'],
    [['--file', '/tmp', '--format', 'csv'], '/tmp is a folder'],
    [['--url', 'http://127.0.0.1:1'], 'There is no answer from http://127.0.0.1:1. Does the gateway run there'],
  ])(
    'stops with the reason: %s',
    async (more, message) => {
      const file = join(folder, 'one.jsonl');
      await writeFile(file, '{"identityMap":{"Email":[{"id":"one@example.com","primary":true}]}}\n');
      const { code, output } = await load(file, ...more);
      expect(output).toMatch(message);
      expect(code).toBe(1);
    },
    60_000,
  );

  it.each(['csv', 'json-array', 'parquet'])(
    'says that a file is empty, and not to go on with it: %s',
    async (format) => {
      const file = join(folder, 'empty');
      await writeFile(file, '');
      const { code, output } = await load(file, '--format', format);
      expect(output).toMatch('The file is empty');
      expect(output).not.toMatch('Go on');
      expect(code).toBe(1);
    },
  );

  it('takes a file of no lines for one whose every row was sent, and says that there was none', async () => {
    const file = join(folder, 'empty.jsonl');
    await writeFile(file, '');
    expect(await load(file)).toMatchObject({
      code: 0,
      output: expect.stringContaining(`There was no row to send in ${file}.`) as string,
    });
  });

  it.each([
    [['--from', '-1'], '--from takes a whole number from 0 on, not "-1"'],
    [['--from', 'first'], '--from takes a whole number from 0 on, not "first"'],
    [['--form', '1'], "Unknown option '--form'"],
    [['--file', 'people.csv.gz'], 'people.csv.gz is compressed with gzip'],
  ])('ends with 2 where it is called wrongly: %s', async (more, message) => {
    const { code, output } = await load(join(folder, 'any.jsonl'), ...more);
    expect(output).toMatch(message);
    expect(code).toBe(2);
  });

  it.each(['1', '4'])(
    'stops with the reason and the account although other requests wait: %s at a time',
    async (concurrency) => {
      const file = join(folder, 'waiting.jsonl');
      await writeFile(file, '{"identityMap":{"Email":[{"id":"one@example.com","primary":true}]}}\n'.repeat(30));
      const nowhere = ['--inlet', 'f'.repeat(64), '--batch-size', '1', '--concurrency', concurrency];
      const { code, output } = await load(file, ...nowhere);
      expect(output).toMatch('There is no such inlet');
      expect(output).toMatch('Go on with --from 0.');
      expect(figureIn(output, 'read')).toBe(figureIn(output, 'unsent') + figureIn(output, 'sent'));
      expect(figureIn(output, 'sent')).toBe(figureIn(output, 'unanswered'));
      expect(code).toBe(1);
    },
    60_000,
  );

  it('ends at Ctrl-C with the account so far, and says how to go on', async () => {
    const file = join(folder, 'many.jsonl');
    const record = (index: number) =>
      JSON.stringify({ identityMap: { Email: [{ id: `many${index}@example.com`, primary: true }] } });
    await writeFile(file, Array.from({ length: 30_000 }, (_, index) => record(index)).join('\n'));
    // One record a request: the first is visible long before the last is sent, however busy the machine is.
    const tool = spawned(file, '--batch-size', '1', '--concurrency', '1');
    const ended = once(tool, 'exit');
    const output = Promise.all([text(tool.stdout), text(tool.stderr)]);
    await eventually(async () => {
      expect(await running.client.profile({ namespace: 'Email', id: 'many0@example.com' })).toBeDefined();
    });
    tool.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    const [said] = await output;
    const figure = (name: string) => figureIn(said, name);
    expect(figure('read')).toBe(figure('sent') + figure('unreadable') + figure('unsent'));
    expect(figure('sent')).toBe(figure('accepted') + figure('refused') + figure('unanswered'));
    expect(said).toMatch(/Go on with --from \d+\./);
  }, 60_000);

  /** A figure of the account as it is printed; 0 where it is left out. */
  function figureIn(output: string, name: string): number {
    return Number(new RegExp(`^${name} +([\\d,]+)$`, 'm').exec(output)?.[1]?.replace(',', '') ?? 0);
  }

  function spawned(file: string, ...more: string[]) {
    const program = join(workspaceRoot(), 'dist/tools/load.main.js');
    const url = running.platform.gatewayUrl;
    const args = [program, '--file', file, '--dataset', running.people.id, '--url', url, ...more];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async function load(file: string, ...more: string[]) {
    const tool = spawned(file, ...more);
    const ended = once(tool, 'exit');
    const outputs = await Promise.all([text(tool.stdout), text(tool.stderr)]);
    const [code] = (await ended) as [number];
    return { code, output: outputs.join('\n') };
  }
});
