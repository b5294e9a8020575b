import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../command/command.js';
import type { ServerCommand } from './server-kind.js';

/** Longer than the guard of a killed run takes to stop its servers. */
const HANDOVER_MS = 15_000;

/**
 * Takes a data folder for this run. The servers lock their files themselves; this one says so in time and waits for the
 * servers of a run that was killed just before.
 *
 * @throws CommandError when another run that goes on uses it.
 */
export async function takeDataFolder(command: ServerCommand, folder: string): Promise<string> {
  const path = resolve(folder);
  const file = join(path, 'run.json');
  await mkdir(path, { recursive: true });
  const deadline = Date.now() + HANDOVER_MS;
  for (let run = runIn(file); run !== undefined; run = runIn(file)) {
    if (isAlive(run.command) || Date.now() > deadline) {
      throw new CommandError(
        `The data folder ${path} is in use by another run (process ${run.command}): ` +
          'stop that run, or choose another folder with --data.',
      );
    }
    await delay(100);
  }
  await writeFile(file, JSON.stringify({ command: process.pid, guard: command.guard.pid }));
  command.defer(() => rm(file, { force: true }));
  return path;
}

interface Run {
  readonly command: number;
  readonly guard: number;
}

/** The run that wrote the file, while its guard lives: as long as that does, its servers may. */
function runIn(file: string): Run | undefined {
  try {
    const run = JSON.parse(readFileSync(file, 'utf8')) as Run;
    return isGuard(run.guard) ? run : undefined;
  } catch {
    return undefined; // No such file, or half of one from a run that was killed at its start.
  }
}

function isGuard(pid: number): boolean {
  const commandLine = `/proc/${pid}/cmdline`;
  if (!isAlive(pid)) return false;
  return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('guard.process.mjs');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
