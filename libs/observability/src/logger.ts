import { hash } from 'node:crypto';
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { currentTraceId } from './tracing.js';

export type { Logger } from 'pino';
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Fields that tie a log line to a request and a tenant. Payloads, tokens and identity values are never among them. */
export interface LogContext {
  readonly requestId?: string;
  readonly organisation?: string;
  readonly sandbox?: string;
  readonly traceId?: string;
}

/** Secrets that must not reach a log even when a whole object that holds them is logged by mistake. */
const redacted = ['authorization', 'access_token', 'client_secret', 'clientSecret', 'password', 'privateKey', 'token'];

/**
 * JSON logger of one service, one line an entry: `time` (ISO 8601), `level` (word), `service`, `message`, and the fields
 * given (spec 13-operations).
 *
 * @param destination where lines go; standard output by default.
 */
export function createLogger(service: string, level: LogLevel = 'info', destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    mixin: traceOfLine,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redacted.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A line within a traced step says which trace it belongs to. */
function traceOfLine(): Pick<LogContext, 'traceId'> {
  const traceId = currentTraceId();
  return traceId === undefined ? {} : { traceId };
}

/** The form in which an identity, or anything else of a person, may appear in a log: equal input, equal output, no way back. */
export function hashedForLog(value: string): string {
  return `sha256:${hash('sha256', value, 'hex').slice(0, 16)}`;
}
