import '../request-context.js';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { declareRules } from '../access/rules.decorator.js';
import { problem, ProblemError } from '../problem/problem-error.js';

/** What a body that a handler reads itself is parsed as: not at all. */
const STREAM_MEDIA_TYPE = 'application/vnd.tessera.stream';
/** Milliseconds without a byte after which a client counts as gone. */
const LONGEST_SILENCE = 120_000;
/** Milliseconds in which a client that was answered early may send the rest of its body. */
const LINGER = 10_000;

/** A body as it arrives. */
export interface BodyStream {
  /** Bytes announced, of a body that is not compressed. */
  readonly announced: number | undefined;
  /** The bytes, after inflation. They are taken from the client as fast as they are read here. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** The operation reads its body itself by {@link BodyStream}, whatever its media type; nothing holds it in memory. */
export const StreamedBody = (): MethodDecorator => declareRules({ streamsBody: true });

/** The body of an operation that declares {@link StreamedBody}. The name is both the decorator and the parameter's type. */
export const BodyStream = createParamDecorator((_data: unknown, context: ExecutionContext): BodyStream => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { 'content-length': length, 'content-encoding': coding } = request.headers;
  const isPlain = coding === undefined || coding === 'identity';
  return {
    announced: isPlain && length !== undefined ? Number(length) : undefined,
    chunks: chunksOf(request, request.body as Readable | undefined),
  };
});

/** Chooses how a body is read, before anything is: by its handler, by its media type, or not at all where there is none. */
export function chooseParser(request: FastifyRequest): void {
  if (!hasBody(request)) request.headers = { 'content-type': undefined };
  else if (request.routeOptions.config.rules?.streamsBody) request.headers = { 'content-type': STREAM_MEDIA_TYPE };
}

/** Whether the request says that it has a body. */
export function hasBody({ headers }: FastifyRequest): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

/** Hands bodies to the handlers that read them, and gets rid of what a handler left unread. */
export function streamBodies(server: FastifyInstance): void {
  server.addContentTypeParser(STREAM_MEDIA_TYPE, (_request, payload, done) => done(null, payload));
  server.addHook('onResponse', (request: FastifyRequest, _reply: FastifyReply, done) => {
    if (request.routeOptions.config.rules?.streamsBody && !request.raw.complete) discardRest(request);
    done();
  });
}

/**
 * An answer that is given while the client still sends only reaches it when it is not cut off, and the next request of the
 * connection only begins when the rest has been read.
 */
function discardRest({ raw }: FastifyRequest): void {
  const timer = setTimeout(() => raw.destroy(), LINGER);
  timer.unref();
  for (const event of ['end', 'close', 'error']) raw.once(event, () => clearTimeout(timer));
  raw.resume();
}

async function* chunksOf(request: FastifyRequest, payload: Readable | undefined): AsyncIterable<Buffer> {
  if (payload === undefined) return;
  request.raw.setTimeout?.(LONGEST_SILENCE, () => request.raw.destroy());
  try {
    // The connection is still needed for the answer, also where the rest of the body is not.
    for await (const chunk of payload.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw problem('malformed-request', { detail: 'The body was cut: send it again, whole.', cause: error });
  }
}
