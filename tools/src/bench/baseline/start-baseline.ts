import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createTopics,
  describeExit,
  freePort,
  ManagedProcess,
  workspaceRoot,
  type ServerAddresses,
} from '@tessera/testing';
import { CommandError, type Command } from '../../command/command.js';
import { baselineRoles, type BaselineSettings } from './settings.js';

export interface StartBaselineOptions {
  readonly command: Command;
  readonly servers: ServerAddresses;
  readonly database: string;
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly logFolder: string;
}

export interface Baseline {
  readonly gatewayUrl: string;
  /** Loads a file that is named to it. */
  readonly loaderUrl: string;
  readonly processes: readonly ManagedProcess[];
}

const READY_TIMEOUT_MS = 30_000;

/** Starts the baseline's processes on servers that run already. They are stopped when the command ends. */
export async function startBaseline(options: StartBaselineOptions): Promise<Baseline> {
  const topic = `${options.topicPrefix}baseline`;
  await createTopics(options.servers.kafkaBrokers, [{ topic, partitions: options.partitions }]);
  const ports = { gateway: await freePort(), worker: await freePort(), loader: await freePort() };
  const processes = baselineRoles.map((role) => {
    const settings: BaselineSettings = {
      brokers: options.servers.kafkaBrokers.split(','),
      mongodbUri: options.servers.mongodbUri,
      database: options.database,
      topic,
      port: ports[role],
    };
    return ManagedProcess.launch({
      name: `baseline ${role}`,
      command: process.execPath,
      args: [
        '--disable-warning=TimeoutNegativeWarning',
        join(workspaceRoot(), 'dist/tools/bench-baseline.main.js'),
        role,
        JSON.stringify(settings),
      ],
      environment: { ...process.env, NODE_ENV: 'production' },
      folder: workspaceRoot(),
      output: join(options.logFolder, `baseline-${role}.log`),
      guard: options.command.guard,
    });
  });
  options.command.defer(() => Promise.all(processes.map((started) => started.stop())));
  await Promise.all(
    processes.map((started, index) => waitUntilReady(started, `http://127.0.0.1:${Object.values(ports)[index]}/ready`)),
  );
  return {
    gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
    loaderUrl: `http://127.0.0.1:${ports.loader}`,
    processes,
  };
}

async function waitUntilReady(started: ManagedProcess, url: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    const ended = started.exitStatus === undefined ? undefined : describeExit(started.exitStatus);
    if (ended !== undefined || Date.now() > deadline) {
      throw new CommandError(`The ${started.name} did not start (${ended ?? 'no answer'}):\n${started.outputTail()}`);
    }
    await delay(50);
  }
}
