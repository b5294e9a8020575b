import { finished } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessControl } from '../access/access-control.js';
import { FORM_MEDIA_TYPE, parseForm } from '../body/form-parser.js';
import { inflate } from '../body/inflate.js';
import { jsonMediaType, parseJson } from '../body/json-parser.js';
import { checkMediaType } from '../body/media-type.js';
import { chooseParser, streamBodies } from '../body/streamed-body.js';
import { problem } from '../problem/problem-error.js';

/** The request id on every answer. */
export function echoRequestId(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
}

/** Headers by which a guard tells who asks. */
export interface GuardedRequest {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
}

/** Decides who may go on where a plugin serves the routes. @throws ProblemError 401 or 403. */
export type PathGuard = (request: GuardedRequest) => Promise<void>;

/**
 * Admission before anything of the body is read: first who asks, then whether the request can be read. Routes that Nest
 * does not know (the documentation's files) are open when their path starts with one of `publicPaths`, and up to the guard of
 * `guardedPaths` that their path starts with.
 */
export function guardRoutes(
  server: FastifyInstance,
  access: AccessControl | undefined,
  publicPaths: readonly string[],
  guardedPaths: ReadonlyMap<string, PathGuard> = new Map(),
): void {
  server.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const { rules } = request.routeOptions.config;
    const url = request.routeOptions.url ?? '';
    const isOpen = rules === undefined && publicPaths.some((path) => isBelow(path, url));
    const guard = rules === undefined && [...guardedPaths].find(([path]) => isBelow(path, url))?.[1];
    if (guard) await guard(request.headers);
    else if (!isOpen && rules?.access !== 'public') {
      if (access === undefined)
        throw problem('operation-closed', { detail: 'This service has no such open operation.' });
      await access.admit(request, rules);
    }
    checkEncoding(request);
    checkMediaType(request, rules);
    chooseParser(request);
  });
}

function isBelow(path: string, url: string): boolean {
  return url === path || url.startsWith(`${path}/`);
}

/** Bytes of a query must be percent-encoded rightly, and UTF-8; the parser itself would take or replace others in silence. */
function checkEncoding(request: FastifyRequest): void {
  const url = request.raw.url ?? '';
  if (/%(?![0-9a-f]{2})/i.test(url)) {
    throw problem('malformed-request', { detail: 'The URL is not valid: check the percent-encoding of its query.' });
  }
  if (!/%[89a-f]/i.test(url)) return;
  try {
    decodeURIComponent(url);
  } catch (error) {
    throw problem('malformed-request', { detail: 'The percent-encoded bytes of the URL are not UTF-8.', cause: error });
  }
}

/** Reads bodies: gzip and brotli, JSON, forms, each route with its own limit; and what handlers read themselves. */
export function readBodies(server: FastifyInstance, bodyLimits: Readonly<Record<string, number>>): void {
  server.addHook('onRoute', (route) => {
    const name = route.config?.rules?.bodyLimit;
    if (name === undefined) return;
    const limit = bodyLimits[name];
    if (limit === undefined) throw new Error(`no body limit "${name}" is configured, but ${route.url} needs it`);
    route.bodyLimit = limit;
  });
  server.addHook('preParsing', (request, reply, payload, done) => {
    const coding = request.headers['content-encoding'];
    if (coding === undefined || coding === 'identity') {
      done(null, payload);
      return;
    }
    try {
      const inflated = inflate(coding, request.raw);
      // A body refused half-read would keep its decoder.
      finished(reply.raw, () => inflated.destroy());
      done(null, inflated);
    } catch (error) {
      done(error as Error);
    }
  });
  server.removeAllContentTypeParsers();
  addParser(server, jsonMediaType, parseJson);
  addParser(server, FORM_MEDIA_TYPE, parseForm);
  streamBodies(server);
}

function addParser(server: FastifyInstance, mediaType: string | RegExp, parse: (body: Buffer) => unknown): void {
  server.addContentTypeParser(mediaType, { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    try {
      done(null, parse(body));
    } catch (error) {
      done(error as Error);
    }
  });
}
