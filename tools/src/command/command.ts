import { ProcessGuard } from '@tessera/testing';

/** A fault the user can do something about. Its message is all that is printed. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  /** What the command ends with. */
  readonly exitCode: number = 1;
}

/** The command was not called as it can be: whatever the state of things, the same call fails again. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}

/** What one run of a command has at hand. */
export interface Command {
  /** Watches every process the command starts. */
  readonly guard: ProcessGuard;
  /** Aborted when the command is asked to end (Ctrl-C, SIGTERM, SIGHUP, its parent gone). */
  readonly stopped: AbortSignal;
  /** Does `work` at the end, however the command ends short of being killed; what was deferred last is done first. */
  defer(work: () => Promise<unknown>): void;
  /** Tells the user what happens now, on standard error. */
  report(line: string): void;
  /** A new folder that is deleted at the end, in any case. */
  temporaryFolder(purpose: string): string;
}

/**
 * Runs a command to its end: `work` gives the exit code; afterwards, or when the command is interrupted, what was
 * deferred is done and everything it started is stopped. Never returns.
 *
 * @param lastWords printed when nothing that was started runs any more.
 */
export async function runCommand(
  work: (command: Command) => Promise<number>,
  lastWords: () => void = () => undefined,
): Promise<never> {
  const guard = ProcessGuard.start();
  // Node would end a process that waits for nothing but a signal.
  setInterval(() => undefined, 60_000);
  const stop = new AbortController();
  const interrupted = interruption(stop);
  const deferred: (() => Promise<unknown>)[] = [];
  const command: Command = {
    guard,
    stopped: stop.signal,
    defer: (task) => void deferred.unshift(task),
    report: (line) => void process.stderr.write(`${line}\n`),
    temporaryFolder: (purpose) => guard.temporaryFolder(purpose),
  };

  let code = await Promise.race([attempt(() => work(command), stop.signal), interrupted]);
  for (const task of deferred) {
    const outcome = await attempt(async () => {
      await task();
      return 0;
    });
    code ||= outcome;
  }
  await guard.close();
  lastWords();
  process.exit(code);
}

/** The exit code of `work`; a failure is printed, unless it comes from being stopped. */
async function attempt(work: () => Promise<number>, stopped?: AbortSignal): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!stopped?.aborted) console.error(error instanceof CommandError ? `\n${error.message}` : error);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

/** Resolves with the exit code of an interrupted command. */
function interruption(stop: AbortController): Promise<number> {
  // Losing the terminal must not keep the command from cleaning up.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return new Promise((resolve) => {
    const end = (code: number) => (): void => {
      stop.abort();
      resolve(code);
    };
    process.on('SIGINT', end(130));
    process.on('SIGTERM', end(143));
    process.on('SIGHUP', end(129));
    process.on('disconnect', end(1)); // tools/run.mjs, the other end of the channel, was killed.
    process.channel?.unref();
  });
}
