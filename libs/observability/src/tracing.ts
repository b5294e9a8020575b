import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

/** Name of the HTTP and Kafka header that carries the trace (W3C Trace Context §3.2). */
export const TRACEPARENT = 'traceparent';

/** Traces followed through one batch of messages; the others of a batch end where they were sent. */
const MOST_TRACES_OF_A_BATCH = 16;

export interface TracingOptions {
  /** Name of the service in the traces. */
  readonly service: string;
  /** Base address of an OpenTelemetry collector that takes OTLP over HTTP; without one nothing is traced. */
  readonly endpoint: string | undefined;
  /** Share of requests, 0 to 1, that begin a trace where the client brought none. Of the traces that clients bring, theirs decides. */
  readonly ratio: number;
}

/** A step of a trace that has not ended. */
export interface OpenSpan {
  /** Runs what belongs to this step: spans that begin in it are its children. */
  run<Result>(work: () => Result): Result;
  /** Headers that hand the trace on to whoever receives them. */
  headers(): Record<string, string>;
  end(outcome?: { readonly attributes?: Attributes; readonly failed?: boolean }): void;
}

let isTracing = false;

/**
 * Begins to trace this process (spec 13-operations). Once for a process, before its first request.
 *
 * @returns what sends the last spans and ends tracing.
 */
export function startTracing({ service, endpoint, ratio }: TracingOptions): { close(): Promise<void> } {
  if (endpoint === undefined) return { close: () => Promise.resolve() };
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'tessera' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  isTracing = true;
  return {
    close: async () => {
      isTracing = false;
      await provider.shutdown();
      for (const global of [context, propagation, trace]) global.disable();
    },
  };
}

/** Whether this process is traced at all. */
export function isTraced(): boolean {
  return isTracing;
}

/** Begins the step of answering a request; `undefined` when it is not traced. Ended by whoever answers. */
export function beginRequest(
  name: string,
  headers: Readonly<Record<string, unknown>>,
  attributes: Attributes,
): OpenSpan | undefined {
  if (!isTracing) return undefined;
  return open(name, SpanKind.SERVER, propagation.extract(ROOT_CONTEXT, headers), attributes);
}

/** Begins the step of sending messages to a topic within the step under way; `undefined` when that is not traced. */
export function beginSending(topic: string): OpenSpan | undefined {
  return isUnderWay() ? open(`send ${topic}`, SpanKind.PRODUCER, context.active(), {}) : undefined;
}

/**
 * Handles a batch of messages as a step of the traces that sent them. Work within it belongs to the first one; the other
 * steps name that as their link, since a span has one parent only (OpenTelemetry's conventions for messaging).
 *
 * @param parents the header {@link TRACEPARENT} of each message.
 */
export async function followTraces<Result>(
  name: string,
  parents: () => Iterable<string | undefined>,
  attributes: Attributes,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!isTracing) return work();
  const distinct = new Set<string>();
  for (const parent of parents()) {
    if (parent !== undefined && distinct.size < MOST_TRACES_OF_A_BATCH) distinct.add(parent);
  }
  const steps = [...distinct].flatMap((traceparent) => {
    const parent = propagation.extract(ROOT_CONTEXT, { [TRACEPARENT]: traceparent });
    return open(name, SpanKind.CONSUMER, parent, attributes) ?? [];
  });
  const [first, ...others] = steps;
  if (first === undefined) return work();
  for (const other of others) other.span.addLink({ context: first.span.spanContext() });
  return first.run(() => ended(steps, work()));
}

/** Makes what was just asked of a collection of MongoDB a step of the step under way, if there is one. */
export function traceOperation<Result>(collection: string, operation: string, asked: Promise<Result>): Promise<Result> {
  if (!isUnderWay()) return asked;
  const step = open(`${operation} ${collection}`, SpanKind.CLIENT, context.active(), {
    'db.system.name': 'mongodb',
    'db.collection.name': collection,
    'db.operation.name': operation,
  });
  return step ? ended([step], asked) : asked;
}

/** The id of the trace under way, for log lines. */
export function currentTraceId(): string | undefined {
  return isUnderWay() ? trace.getActiveSpan()?.spanContext().traceId : undefined;
}

function isUnderWay(): boolean {
  return isTracing && trace.getActiveSpan()?.isRecording() === true;
}

interface Step extends OpenSpan {
  readonly span: Span;
}

function open(name: string, kind: SpanKind, parent: Context, attributes: Attributes): Step | undefined {
  const span = trace.getTracer('tessera').startSpan(name, { kind, attributes }, parent);
  if (!span.isRecording()) return undefined;
  const within = trace.setSpan(parent, span);
  return {
    span,
    run: (work) => context.with(within, work),
    headers: () => {
      const headers: Record<string, string> = {};
      propagation.inject(within, headers);
      return headers;
    },
    end: ({ attributes: more = {}, failed = false } = {}) => {
      span.setAttributes(more);
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

async function ended<Result>(steps: readonly Step[], asked: Promise<Result>): Promise<Result> {
  try {
    const result = await asked;
    for (const step of steps) step.end();
    return result;
  } catch (error) {
    for (const step of steps) step.end({ failed: true });
    throw error;
  }
}
