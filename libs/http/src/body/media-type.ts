import type { FastifyRequest } from 'fastify';
import type { RouteRules } from '../access/access.js';
import { problem } from '../problem/problem-error.js';
import { hasBody } from './streamed-body.js';

/**
 * Refuses a body whose `Content-Type` the route does not take. Runs before the body is read. A request without a body may
 * carry any content type, as clients send it with every call.
 *
 * @throws ProblemError `unsupported-media-type`.
 */
export function checkMediaType(request: FastifyRequest, rules: RouteRules | undefined): void {
  if (rules?.streamsBody || !hasBody(request)) return;
  const accepted = rules?.accepts ?? ['application/json'];
  const given = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (accepted.includes(given)) return;
  throw problem('unsupported-media-type', {
    detail: `The Content-Type must be ${accepted.join(' or ')}.`,
    headers: { accept: accepted.join(', ') },
  });
}
