import { resolve } from 'node:path';
import { parsedOptions } from '../command/arguments.js';
import { UsageError } from '../command/command.js';

export interface StartOptions {
  /** Port of the gateway. */
  readonly port: number;
  /** Folder that keeps data between runs; undefined: nothing is kept. */
  readonly data: string | undefined;
}

const DEFAULT_PORT = 8080;
const flags = { data: { type: 'string' } } as const;
const usage = 'Usage: npm start -- [--data FOLDER]';

/**
 * Reads the arguments and variables of `npm start`.
 *
 * @throws UsageError naming what is wrong and what may be given.
 */
export function startOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StartOptions {
  const data = parsedOptions(args, flags, usage).data ?? (environment['TESSERA_DATA'] || undefined);
  // npm runs scripts in the checkout; a relative folder means the one the user stands in.
  const base = environment['INIT_CWD'] ?? '.';
  return {
    port: portOf(environment['TESSERA_PORT']),
    data: data === undefined ? undefined : resolve(base, data),
  };
}

function portOf(asked: string | undefined): number {
  if (!asked) return DEFAULT_PORT;
  const port = Number(asked);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`TESSERA_PORT is "${asked}", which is no port: give a number from 1 to 65535.`);
}
