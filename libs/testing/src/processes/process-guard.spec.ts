import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { workspaceRoot } from '../workspace.js';

const root = workspaceRoot();
const program = join(root, 'dist/fixtures/guarded-command.js');

beforeAll(() => {
  const source = join(root, 'libs/testing/src/processes/guarded-command.fixture.ts');
  const options = ['--bundle', '--platform=node', '--format=esm', '--packages=external', '--log-level=error'];
  execFileSync(join(root, 'node_modules/.bin/esbuild'), [source, ...options, `--outfile=${program}`]);
});

describe('the process guard', () => {
  it('stops everything a command started, and removes its folder, after kill -9 of the command', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tessera-test-guard-'));
    const command = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(command.stdout, 'data')) as [Buffer];
      const pids = JSON.parse(line.toString()) as Record<'guard' | 'parent' | 'child' | 'deaf', number>;
      for (const pid of Object.values(pids)) expect(isAlive(pid)).toBe(true);

      command.kill('SIGKILL');
      await eventually(() => expect([pids.parent, pids.child].filter(isAlive)).toEqual([]), { timeout: 5_000 });
      // The deaf one ignores SIGTERM and is ended by SIGKILL 10 seconds later.
      await eventually(() => expect([pids.deaf, pids.guard].filter(isAlive)).toEqual([]), { timeout: 20_000 });
      expect(existsSync(folder)).toBe(false);
    } finally {
      command.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
