import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ManagedProcess, testEnvironment, workspaceRoot, type TestServers } from '@tessera/testing';
import type { Command } from '../command/command.js';
import { noReport, summarise, type JestReport, type TestSummary } from './test-summary.js';

/** Node's notices of what Jest and kafkajs do deliberately would drown the results. */
const nodeOptions =
  '--experimental-vm-modules --disable-warning=ExperimentalWarning --disable-warning=TimeoutNegativeWarning';

/** A test that never gives way, such as an endless loop, is nothing Jest can end. */
const MOST_MINUTES = 60;

/** Runs Jest with `args` on these servers. @returns its counts, and its exit code, which is not 0 on any failure. A run that does not end is one. */
export async function runJest(
  command: Pick<Command, 'guard' | 'defer' | 'report' | 'temporaryFolder'>,
  servers: TestServers,
  args: readonly string[],
): Promise<{ readonly summary: TestSummary; readonly code: number }> {
  const root = workspaceRoot();
  const reportFile = join(command.temporaryFolder('jest'), 'report.json');
  const jest = ManagedProcess.launch({
    name: 'Jest',
    command: process.execPath,
    args: [join(root, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${reportFile}`, ...args],
    environment: { ...process.env, ...testEnvironment(servers), NODE_OPTIONS: nodeOptions },
    folder: root,
    output: 'inherit',
    guard: command.guard,
  });
  command.defer(() => jest.stop());
  const tooLong = delay(MOST_MINUTES * 60_000, undefined, { ref: false });
  if ((await Promise.race([jest.exited, tooLong])) === undefined) {
    command.report(`The tests did not end within ${MOST_MINUTES} minutes. A spec file without a result above is why.`);
    await jest.kill();
  }
  const { code } = await jest.exited;
  const summary = await readFile(reportFile, 'utf8').then(
    (text) => summarise(JSON.parse(text) as JestReport),
    () => noReport,
  );
  return { summary, code: summary.failed > 0 ? code || 1 : (code ?? 1) };
}
