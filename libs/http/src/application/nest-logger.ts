import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@tessera/observability';

/** Nest's own lines (its start, its faults) in our format; what it tells of every module and route is detail. */
export function nestLogger(logger: Logger): LoggerService {
  const text = (message: unknown) =>
    message instanceof Error ? `${message.name}: ${message.message}` : String(message);
  return {
    log: (message: unknown) => logger.debug(text(message)),
    debug: (message: unknown) => logger.debug(text(message)),
    verbose: (message: unknown) => logger.trace(text(message)),
    warn: (message: unknown) => logger.warn(text(message)),
    error: (message: unknown) => logger.error(text(message)),
    fatal: (message: unknown) => logger.fatal(text(message)),
  };
}
