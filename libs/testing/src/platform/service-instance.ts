import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, ManagedProcess, type ExitStatus } from '../processes/managed-process.js';
import type { ProcessGuard } from '../processes/process-guard.js';
import { workspaceRoot } from '../workspace.js';
import { memoryFlags, ownMemoryFlags } from './memory-flags.js';

/** A service of the platform: the name of its folder below `apps`. */
export type ServiceName =
  'edge' | 'gateway' | 'ingestion-worker' | 'merge-worker' | 'deletion-worker' | 'export-worker' | 'sampling-worker';

export interface ServiceOptions {
  readonly service: ServiceName;
  /** Tells instances of one service apart, from 1. */
  readonly number: number;
  readonly port: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logFolder: string;
  readonly guard: ProcessGuard;
  readonly readyTimeout: number;
  /** Called when the instance ends without having been asked to. */
  readonly onUnexpectedExit: (instance: ServiceInstance, status: ExitStatus) => void;
}

/** By itself the C library gives each thread memory of its own to reuse, of which most lies idle: some 25 MB. */
const memoryEnvironment = { MALLOC_ARENA_MAX: '1' };
const PROBE_INTERVAL_MS = 100;

/** One running service process. */
export class ServiceInstance {
  readonly name: string;
  readonly url: string;
  readonly logFile: string;
  private process: ManagedProcess | undefined;
  private expectedToRun = false;

  constructor(private readonly options: ServiceOptions) {
    this.name = `${options.service}-${options.number}`;
    this.url = `http://127.0.0.1:${options.port}`;
    this.logFile = join(options.logFolder, `${this.name}.log`);
  }

  get service(): ServiceName {
    return this.options.service;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  get running(): boolean {
    return this.process !== undefined && this.process.exitStatus === undefined;
  }

  /**
   * Starts the process and waits until its `/health/ready` answers 200.
   *
   * @throws Error with the end of its log when it ends before or does not become ready in time.
   */
  async start(): Promise<void> {
    if (this.running) return;
    const root = workspaceRoot();
    const bundle = join(root, 'dist/apps', this.options.service, 'main.js');
    if (!existsSync(bundle)) throw new Error(`${this.options.service} is not built: run "npm run build" first.`);
    const launched = ManagedProcess.launch({
      name: this.name,
      command: process.execPath,
      args: [...memoryFlags, ...ownMemoryFlags(this.options.service), bundle],
      environment: { ...memoryEnvironment, ...this.options.environment, PORT: String(this.options.port) },
      folder: root,
      output: this.logFile,
      guard: this.options.guard,
    });
    this.process = launched;
    this.expectedToRun = true;
    void launched.exited.then((status) => {
      if (this.expectedToRun && this.process === launched) this.options.onUnexpectedExit(this, status);
    });
    await this.waitUntilReady(launched);
  }

  /** Lets it finish what is in hand (SIGTERM); it is ended after 10 seconds. */
  async stop(): Promise<void> {
    this.expectedToRun = false;
    await this.process?.stop();
  }

  /** Ends it as a crash would (SIGKILL). */
  async kill(): Promise<void> {
    this.expectedToRun = false;
    await this.process?.kill();
  }

  /** Freezes it (SIGSTOP): it keeps its connections but does nothing until {@link resume}. */
  pause(): void {
    this.process?.signal('SIGSTOP');
  }

  resume(): void {
    this.process?.signal('SIGCONT');
  }

  /** The last lines of its log. */
  logTail(lines?: number): string {
    return this.process?.outputTail(lines) ?? '';
  }

  private async waitUntilReady(launched: ManagedProcess): Promise<void> {
    const deadline = Date.now() + this.options.readyTimeout;
    for (;;) {
      if (launched.exitStatus !== undefined) {
        throw new Error(`${this.name} ${describeExit(launched.exitStatus)} before it was ready:\n${this.logTail()}`);
      }
      const answer = await this.readiness();
      if (answer === undefined) return;
      if (Date.now() > deadline) {
        const seconds = Math.round(this.options.readyTimeout / 1_000);
        throw new Error(`${this.name} was not ready after ${seconds} s (${answer}):\n${this.logTail()}`);
      }
      await delay(PROBE_INTERVAL_MS);
    }
  }

  /** Undefined when ready, else what was answered. */
  private async readiness(): Promise<string | undefined> {
    try {
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      const body = await response.text();
      return response.status === 200 ? undefined : `${response.status} ${body.slice(0, 500)}`;
    } catch {
      return 'it does not answer';
    }
  }
}
