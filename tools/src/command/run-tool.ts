import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManagedProcess } from '@tessera/testing';
import { CommandError, type Command } from './command.js';

export interface ToolOptions {
  /** Printed when the program does not exist: what is missing and how to get it. */
  readonly missing: string;
  /** Printed when it fails, before the end of its output: what could not be done. */
  readonly failed: string;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const NOT_FOUND = 127;

/**
 * Runs a program of the machine to its end.
 *
 * @returns what it printed, standard output and standard error together.
 * @throws CommandError when it does not exist or fails.
 */
export async function runTool(
  command: Pick<Command, 'guard'>,
  program: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<string> {
  const folder = command.guard.temporaryFolder('tool');
  const output = join(folder, 'output');
  const tool = ManagedProcess.launch({
    name: program,
    command: program,
    args,
    environment: { ...process.env, ...options.environment },
    folder: options.folder ?? folder,
    output,
    guard: command.guard,
  });
  const status = await tool.exited;
  if (tool.pid === undefined || status.code === NOT_FOUND) throw new CommandError(options.missing);
  if (status.code !== 0) throw new CommandError(`${options.failed}\n${tool.outputTail()}`);
  return readFileSync(output, 'utf8');
}
