import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { describeExit, ManagedProcess } from './managed-process.js';
import { ProcessGuard } from './process-guard.js';

describe('a managed process', () => {
  let folder: string;
  let guard: ProcessGuard;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-test-process-'));
    guard = ProcessGuard.start();
  });

  afterEach(async () => {
    await guard.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is asked to end, and gives back how it ended', async () => {
    const shell = launch('trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.05; done');
    await eventually(() => expect(shell.outputTail()).toBe('ready'));
    const status = await shell.stop();
    expect(describeExit(status)).toBe('ended with code 3');
    expect(shell.outputTail(1)).toBe('bye');
  });

  it('is made to end when it does not listen', async () => {
    const shell = launch('trap "" TERM; echo ready; while :; do sleep 0.05; done');
    await eventually(() => expect(shell.outputTail()).toBe('ready'));
    expect(await shell.stop(100)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('takes with it what it leaves behind', async () => {
    const shell = launch('sleep 600 & echo $!');
    await shell.exited;
    const orphan = Number(shell.outputTail());
    await eventually(() => expect(() => process.kill(orphan, 0)).toThrow('ESRCH'));
  });

  it('that cannot be started ends with code 127', async () => {
    const missing = launch('', 'tessera-no-such-program');
    expect(await missing.exited).toEqual({ code: 127, signal: null });
    expect(await missing.stop()).toEqual({ code: 127, signal: null });
  });

  it('is not started once the guard is closed', async () => {
    await guard.close();
    expect(() => launch('sleep 600')).toThrow('everything is being stopped');
  });

  function launch(script: string, command = 'sh'): ManagedProcess {
    return ManagedProcess.launch({
      name: 'a shell',
      command,
      args: ['-c', script],
      environment: { PATH: process.env['PATH'] },
      folder,
      output: join(folder, 'output.log'),
      guard,
    });
  }
});
