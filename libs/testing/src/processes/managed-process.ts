import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ProcessGuard } from './process-guard.js';

export interface LaunchOptions {
  /** What messages call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process; nothing is inherited. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** File its output is appended to; `inherit` shows it on this process's own output. */
  readonly output: string;
  readonly guard: ProcessGuard;
}

/** How a process ended: one of the two is not null. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const STOP_GRACE_MS = 10_000;

/** A child process with a process group of its own, watched by the guard. */
export class ManagedProcess {
  /** Settles when the process has ended; never rejects. A program that could not be started ends with code 127. */
  readonly exited: Promise<ExitStatus>;
  private status: ExitStatus | undefined;

  private constructor(
    private readonly options: LaunchOptions,
    private readonly child: ChildProcess,
  ) {
    this.exited = new Promise((resolve) => {
      const end = (status: ExitStatus): void => {
        this.status ??= status;
        if (child.pid !== undefined) {
          this.signalGroup('SIGKILL'); // Whatever it started and left behind.
          options.guard.forget(child.pid);
        }
        resolve(this.status);
      };
      child.once('error', () => {
        if (child.pid === undefined) end({ code: 127, signal: null });
      });
      child.once('exit', (code, signal) => end({ code, signal }));
    });
  }

  /** @throws Error once the guard is closed: what it cannot watch must not start. */
  static launch(options: LaunchOptions): ManagedProcess {
    if (options.guard.closed) throw new Error(`${options.name} was not started: everything is being stopped.`);
    const inherit = options.output === 'inherit';
    if (!inherit) mkdirSync(dirname(options.output), { recursive: true });
    const file = inherit ? undefined : openSync(options.output, 'a');
    const child = spawn(options.command, [...options.args], {
      cwd: options.folder,
      env: { ...options.environment },
      detached: true,
      stdio: ['ignore', file ?? 'inherit', file ?? 'inherit'],
    });
    if (child.pid !== undefined) options.guard.watch(child.pid);
    if (file !== undefined) closeSync(file);
    return new ManagedProcess(options, child);
  }

  get name(): string {
    return this.options.name;
  }

  /** Undefined when the program could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** How it ended; undefined while it runs. */
  get exitStatus(): ExitStatus | undefined {
    return this.status;
  }

  /** Sends a signal to the process and everything it started. */
  signal(signal: NodeJS.Signals): void {
    if (this.status === undefined) this.signalGroup(signal);
  }

  /** Asks the process to end (SIGTERM) and makes it end (SIGKILL) after `grace` milliseconds. */
  async stop(grace = STOP_GRACE_MS): Promise<ExitStatus> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), grace);
    const status = await this.exited;
    clearTimeout(timer);
    return status;
  }

  /** Ends the process as `kill -9` does: it gets no chance to finish anything. */
  async kill(): Promise<ExitStatus> {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** The last lines of its output file, for messages; empty when its output is not kept in a file. */
  outputTail(lines = 15): string {
    if (this.options.output === 'inherit') return '';
    return readFileSync(this.options.output, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  private signalGroup(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // The group is gone already.
    }
  }
}

/** How a process ended, in words. */
export function describeExit(status: ExitStatus): string {
  return status.signal === null ? `ended with code ${status.code}` : `was ended by ${status.signal}`;
}
