import type { INestApplication } from '@nestjs/common';
import type { Logger, startTracing } from '@tessera/observability';

/** Time to finish what is in hand; a supervisor kills after it anyway (spec 13-operations). */
const STOP_WITHIN_MS = 10_000;

export interface RunOptions {
  readonly logger: Logger;
  readonly port: number;
  readonly host: string;
  /** Ended last, so that it tells of the stop as well. */
  readonly tracing?: ReturnType<typeof startTracing>;
}

/**
 * Listens, and stops on SIGTERM or SIGINT: closes the listener, finishes what is in hand, runs the modules' shutdown hooks
 * and ends the process with 0; with 1 when that takes longer than ten seconds or fails.
 *
 * @returns the address it answers on, with the port that was free when `port` is 0.
 */
export async function runService(
  application: INestApplication,
  { logger, port, host, tracing }: RunOptions,
): Promise<string> {
  let isStopping = false;
  const stop = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => end(logger, 1, 'not stopped in time'), STOP_WITHIN_MS - 500).unref();
    const stopped = application.close().then(() => tracing?.close());
    stopped.then(
      () => end(logger, 0, 'stopped'),
      (error: unknown) => end(logger, 1, `failed to stop: ${String(error)}`),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await application.listen(port, host);
  const url = await application.getUrl();
  logger.info({ url }, 'listening');
  return url;
}

function end(logger: Logger, exitCode: number, message: string): void {
  logger[exitCode === 0 ? 'info' : 'error'](message);
  logger.flush();
  process.exit(exitCode);
}
