import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { reasonOf } from '@tessera/contracts';
import type { Logger } from '@tessera/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemDocument, problemHeaders } from './problem-document.js';
import type { ProblemError } from './problem-error.js';
import { problemOf } from './problem-of.js';

/** Answers every error of every route, and of Fastify itself, as a problem document, and logs those that are ours. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const answered = problemOf(error);
    this.log(answered, request);
    if (reply.sent || reply.raw.headersSent) {
      // Part of the answer is out; a cut connection is the only honest sign that the rest is missing.
      reply.raw.destroy();
      return;
    }
    const document = problemDocument(answered, request.id);
    const isInlet = request.routeOptions?.config?.rules?.access === 'inlet';
    // Streaming clients read `report.message` (spec 03-ingestion).
    const body = isInlet ? { ...document, report: { message: document.detail } } : document;
    void reply.code(document.status).headers(problemHeaders(answered)).send(JSON.stringify(body));
  }

  private log(answered: ProblemError, request: FastifyRequest): void {
    const fields = { requestId: request.id, code: answered.entry.code, method: request.method, ...request.logFields };
    const { cause, detail, isExpected } = answered.particulars;
    if (answered.slug === 'internal-error') this.logger.error({ ...fields, error: describe(cause) }, 'request failed');
    else if (answered.slug === 'unavailable' && !isExpected)
      this.logger.warn(
        { ...fields, detail, reason: cause === undefined ? undefined : reasonOf(cause) },
        'not available',
      );
    else this.logger.debug(fields, 'request refused');
  }
}

/** Errors whose message the language or we wrote; those of drivers and parsers may quote customers' data. */
const ownMessages = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError']);

function describe(cause: unknown): Readonly<Record<string, unknown>> {
  if (!(cause instanceof Error)) return { name: typeof cause };
  const frames = cause.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  const code: unknown = 'code' in cause ? cause.code : undefined;
  return { name: cause.name, code, frames, ...(ownMessages.has(cause.name) ? { message: cause.message } : {}) };
}
