import { HttpException } from '@nestjs/common';
import { UnavailableError } from '@tessera/contracts';
import type { ProblemSlug } from './catalogue.js';
import { problem, ProblemError } from './problem-error.js';

/** Seconds after which a client should try a dependency that is down again. */
const RETRY_AFTER_SECONDS = 1;

const UNREADABLE = 'The request cannot be read.';

/** Fastify's own errors (its `lib/errors.js`) that are the client's doing, and what we answer. */
const fastifyProblems: Readonly<Record<string, readonly [ProblemSlug, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'The body is larger than this operation takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'The Content-Type is missing or not one this operation takes.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['malformed-request', 'The body is not as long as its Content-Length says.'],
  FST_ERR_BAD_URL: ['malformed-request', 'The path is not a valid URL: check its percent-encoding.'],
  FST_ERR_INVALID_URL: ['malformed-request', 'The path is not a valid URL: check its percent-encoding.'],
  FST_ERR_MAX_PARAM_LENGTH: ['path-too-long', 'A part of the path is longer than any id of the platform.'],
};

/**
 * The problem that answers an error of any origin. Only what we wrote ourselves gets into the answer: the message of a
 * foreign error may tell of drivers, addresses or other people's data.
 */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HttpException) return problemOfHttpException(error);
  const slugAndDetail = fastifyProblems[codeOf(error)];
  if (slugAndDetail !== undefined) return problem(slugAndDetail[0], { detail: slugAndDetail[1], cause: error });
  if (error instanceof UnavailableError) return unavailable(error);
  const status = statusOf(error);
  if (status === 403 || status === 404) return noSuchRoute(error);
  if (status >= 400 && status < 500) return problem('malformed-request', { detail: UNREADABLE, cause: error });
  return problem('internal-error', {
    detail: 'The platform failed on this request. The fault is logged under the request id; please report that id.',
    cause: error,
  });
}

/** The answer while a dependency is down (spec 02-conventions: at once, with `Retry-After`). */
function unavailable(error: UnavailableError): ProblemError {
  return problem('unavailable', {
    detail: `The dependency ${error.dependency} does not answer. Nothing was done; send the request again.`,
    retryAfter: RETRY_AFTER_SECONDS,
    cause: error.cause ?? error,
  });
}

function problemOfHttpException(error: HttpException): ProblemError {
  const slugAndDetail = fastifyProblems[codeOf(error.cause)];
  if (slugAndDetail !== undefined) return problem(slugAndDetail[0], { detail: slugAndDetail[1], cause: error });
  switch (error.getStatus()) {
    case 404:
      return noSuchRoute();
    case 413:
      return problem('body-too-large', { detail: 'The body is larger than this operation takes.', cause: error });
    case 415:
      return problem('unsupported-media-type', {
        detail: 'The operation does not take this Content-Type.',
        cause: error,
      });
    default:
      return error.getStatus() < 500
        ? problem('malformed-request', { detail: UNREADABLE, cause: error })
        : problem('internal-error', { detail: 'The platform failed on this request.', cause: error });
  }
}

function noSuchRoute(cause?: unknown): ProblemError {
  const detail = 'No operation answers this method and path; /docs lists them all.';
  return problem('no-such-route', { detail, ...(cause !== undefined && { cause }) });
}

/** What a plugin of the server says of an error of its own; 0 where it does not say. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
