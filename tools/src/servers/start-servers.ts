import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, freePort, isFree, ManagedProcess, workspaceRoot, type ServerAddresses } from '@tessera/testing';
import { CommandError } from '../command/command.js';
import { takeDataFolder } from './data-folder.js';
import { dockerAnswers, fetchImage } from './docker.js';
import { kafka } from './kafka.js';
import { mongodb } from './mongodb.js';
import { redis } from './redis.js';
import { s3 } from './s3.js';
import type { Launch, LaunchRequest, ServerCommand, ServerKind } from './server-kind.js';

export interface StartServersOptions {
  /** Folder that keeps the servers' data between runs; a temporary one when not said. */
  readonly data?: string;
  /** Folder of their logs; below the data folder when not said. */
  readonly logs?: string;
  /** Whether an S3-compatible store is wanted too. */
  readonly s3?: boolean;
}

export interface RunningServers extends ServerAddresses {
  readonly logFolder: string;
  /** `http://KEY_ID:SECRET@host:port` of the S3-compatible store, where one was wanted. */
  readonly s3Url?: string;
}

interface Run {
  readonly command: ServerCommand;
  readonly data: string;
  readonly keep: boolean;
  readonly logs: string;
  readonly useDocker: () => Promise<boolean>;
  /** What was started so far. */
  readonly started: ManagedProcess[];
}

const READY_TIMEOUT_MS = 90_000;
const GIVEN_TIMEOUT_MS = 15_000;
const PROBE_INTERVAL_MS = 100;

/**
 * Brings up Kafka, MongoDB, Redis and what else is wanted, at once, and waits until each can be used (spec 13-operations): those named in the
 * environment are used as they are, the others run in Docker if an engine answers, else natively. They are stopped when
 * the command ends.
 *
 * @throws CommandError saying what is missing and how to get it.
 */
export async function startServers(command: ServerCommand, options: StartServersOptions = {}): Promise<RunningServers> {
  const data =
    options.data === undefined ? command.temporaryFolder('servers') : await takeDataFolder(command, options.data);
  const started: ManagedProcess[] = [];
  command.defer(() => Promise.all(started.map((server) => server.stop())));
  let answer: Promise<boolean> | undefined;
  const run: Run = {
    command,
    data,
    keep: options.data !== undefined,
    logs: options.logs ?? process.env['TESSERA_LOGS'] ?? join(data, 'logs'),
    useDocker: () => (answer ??= dockerAnswers(command)),
    started,
  };
  const [kafkaBrokers, mongodbUri, redisUrl, s3Url] = await Promise.all([
    bringUp(kafka, run),
    bringUp(mongodb, run),
    bringUp(redis, run),
    options.s3 ? bringUp(s3, run) : undefined,
  ]);
  return { kafkaBrokers, mongodbUri, redisUrl, logFolder: run.logs, ...(s3Url !== undefined && { s3Url }) };
}

async function bringUp(kind: ServerKind, run: Run): Promise<string> {
  const { variable } = kind;
  const given = process.env[variable];
  if (given) {
    const shown = given.replace(/\/\/[^@/]*@/, '//…@'); // No credentials on the screen.
    const message = (reason: string): string =>
      `${variable} is set to ${shown}, but ${kind.name} cannot be used there (${reason}). Start it, or unset ${variable}.`;
    await untilUsable(kind, given, GIVEN_TIMEOUT_MS, message);
    return given;
  }
  return startOwn(kind, run);
}

async function startOwn(kind: ServerKind, run: Run): Promise<string> {
  const port = await portFor(kind);
  const request = { command: run.command, port, data: join(run.data, kind.id), keep: run.keep };
  await mkdir(request.data, { recursive: true });
  const launch = (await run.useDocker()) ? await inDocker(kind, request) : await kind.native(request);
  if (launch.container !== undefined) run.command.guard.finally(['docker', 'rm', '--force', launch.container]);
  const server = ManagedProcess.launch({
    name: kind.name,
    command: launch.program,
    args: launch.args,
    environment: { ...process.env, ...launch.environment },
    folder: workspaceRoot(),
    output: join(run.logs, `${kind.id}.log`),
    guard: run.command.guard,
  });
  run.started.push(server);
  const address = kind.addressOf(port);
  const failure = (reason: string): string => `${kind.name} did not start (${reason}):\n${server.outputTail()}`;
  const ended = (): string | undefined => server.exitStatus && `it ${describeExit(server.exitStatus)}`;
  await untilUsable(kind, address, READY_TIMEOUT_MS, failure, { ended, prepare: () => kind.initialise?.(port) });
  return address;
}

async function inDocker(kind: ServerKind, request: LaunchRequest): Promise<Launch> {
  await fetchImage(request.command, kind.id);
  return kind.docker(request);
}

async function portFor(kind: ServerKind): Promise<number> {
  const asked = process.env[kind.portVariable];
  if (!asked) return freePort();
  const port = Number(asked);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new CommandError(`${kind.portVariable} is "${asked}", which is no port: give a number from 1 to 65535.`);
  }
  if (await isFree(port)) return port;
  throw new CommandError(
    `Port ${port}, asked for by ${kind.portVariable} for ${kind.name}, is taken: ` +
      'stop what listens there, or choose another port.',
  );
}

interface Own {
  /** How the server ended, while it should run. */
  readonly ended: () => string | undefined;
  readonly prepare: () => Promise<void> | undefined;
}

async function untilUsable(
  kind: ServerKind,
  address: string,
  timeout: number,
  message: (reason: string) => string,
  own?: Own,
): Promise<void> {
  const deadline = Date.now() + timeout;
  for (;;) {
    let reason: string;
    try {
      await own?.prepare();
      await kind.check(address);
      return;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    const ended = own?.ended();
    if (ended !== undefined || Date.now() > deadline) throw new CommandError(message(ended ?? reason));
    await delay(PROBE_INTERVAL_MS);
  }
}
