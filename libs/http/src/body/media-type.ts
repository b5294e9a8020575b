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
  const given = mediaTypeOf(request.headers['content-type'] ?? '');
  if (accepted.some((one) => isTaken(given, mediaTypeOf(one)))) return;
  throw problem('unsupported-media-type', {
    detail: `The Content-Type must be ${accepted.join(' or ')}.`,
    headers: { accept: accepted.join(', ') },
  });
}

interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Types and parameter names compare without regard to case (RFC 9110 §8.3.1). */
function mediaTypeOf(text: string): MediaType {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = rest.map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=', 2).map((word) => word.trim());
    return [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1')];
  });
  return { type: type.toLowerCase(), parameters: new Map(parameters) };
}

/** A parameter that the accepted type names may be left out, but not differ; others, such as a charset, do not matter. */
function isTaken(given: MediaType, accepted: MediaType): boolean {
  if (given.type !== accepted.type) return false;
  return [...accepted.parameters].every(([name, value]) => (given.parameters.get(name) ?? value) === value);
}
