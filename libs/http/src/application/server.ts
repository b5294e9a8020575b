import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemDocument, problemHeaders } from '../problem/problem-document.js';
import { problem } from '../problem/problem-error.js';
import { problemOf } from '../problem/problem-of.js';
import { parseQuery } from '../validation/query.js';
import { compileRouteSchema } from '../validation/validator.js';
import { requestIdOf } from './request-id.js';

/** Largest body of an operation that names no limit of its own. */
const DEFAULT_BODY_LIMIT = 1_048_576;
/** Longest part of a path: schema ids are URLs, percent-encoded. */
const LONGEST_PATH_PART = 2_048;

/** The Fastify server under Nest: what must be settled before any route exists. */
export function createAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    genReqId: requestIdOf,
    bodyLimit: DEFAULT_BODY_LIMIT,
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: LONGEST_PATH_PART,
      querystringParser: parseQuery,
    },
    // What is in hand while the service stops is finished; the listener is closed for the rest.
    return503OnClosing: false,
    // No module uses middleware, and each request would pay for the engine.
    skipMiddie: true,
    frameworkErrors: answerProblem,
    clientErrorHandler: answerClientError,
  });
  adapter.getInstance().setValidatorCompiler(compileRouteSchema);
  return adapter;
}

/** Answers an error as a problem document where Nest's filter does not reach: in the router. */
function answerProblem(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const answered = problemOf(error);
  void reply
    .code(answered.entry.status)
    .headers({ ...problemHeaders(answered), 'x-request-id': request.id })
    .send(JSON.stringify(problemDocument(answered, request.id)));
}

/** Answers bytes that are not HTTP, for which there is no request. */
function answerClientError(error: Error, socket: Socket): void {
  if ('code' in error && error.code === 'ECONNRESET') return;
  if (socket.writable) {
    const requestId = requestIdOf({ headers: {} });
    const refused = problem('malformed-request', { detail: 'The bytes received are not a valid HTTP request.' });
    const body = JSON.stringify(problemDocument(refused, requestId));
    const head = [
      'HTTP/1.1 400 Bad Request',
      `Content-Type: ${problemHeaders(refused)['content-type']}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy(error);
}
