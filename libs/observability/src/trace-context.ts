import { randomBytes } from 'node:crypto';

/** Name of the HTTP and Kafka header that carries the trace (W3C Trace Context §3.2). */
export const TRACEPARENT = 'traceparent';

const VERSION_00 = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Where in a trace a piece of work stands. */
export interface TraceContext {
  /** 32 lower-case hex digits, the same from the HTTP request to the write. */
  readonly traceId: string;
  /** 16 lower-case hex digits, one for each step. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Reads a `traceparent` header; `undefined` when it is absent or malformed, which the standard says to ignore. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = VERSION_00.exec(header ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The next step of a trace: a new span under `parent`, or a new trace where there is none. */
export function startSpan(parent: TraceContext | undefined): TraceContext {
  return {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    sampled: parent?.sampled ?? false,
  };
}

/** The header value that hands a trace on. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
