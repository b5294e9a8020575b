import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { workspaceRoot } from '../workspace.js';

/**
 * Stops what a command started when the command itself dies, even by SIGKILL (see `guard.process.mjs`).
 * Start one before the first child process; register every child's process group with it.
 */
export class ProcessGuard {
  private constructor(private readonly child: ChildProcess & { stdin: Writable }) {}

  static start(): ProcessGuard {
    const program = join(workspaceRoot(), 'libs/testing/src/processes/guard.process.mjs');
    // A session of its own: the terminal's Ctrl-C must not reach it.
    const child = spawn(process.execPath, [program], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    child.unref();
    return new ProcessGuard(child);
  }

  /** Undefined when the guard could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether it takes no more registrations: nothing may be started any more. */
  get closed(): boolean {
    return this.child.stdin.writableEnded;
  }

  /** Stops the process group when this process ends, unless it is forgotten before. */
  watch(group: number): void {
    this.send({ watch: group });
  }

  forget(group: number): void {
    this.send({ forget: group });
  }

  /** Deletes a folder at the end, after every watched group is gone. */
  remove(folder: string): void {
    this.send({ remove: folder });
  }

  /**
   * A new folder that is deleted at the end.
   *
   * @throws Error once the guard is closed: nothing would delete it.
   */
  temporaryFolder(purpose: string): string {
    if (this.closed) throw new Error('Everything is being stopped.');
    const folder = mkdtempSync(join(tmpdir(), `tessera-${purpose}-`));
    this.remove(folder);
    return folder;
  }

  /** Runs a command at the end, after every watched group is gone. */
  finally(command: readonly string[]): void {
    this.send({ finally: command });
  }

  /** Ends the guard: what is still watched is stopped, what was to be removed is removed when this returns. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.ref();
    this.child.stdin.end();
    await exited;
  }

  private send(message: object): void {
    if (!this.closed) this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }
}
