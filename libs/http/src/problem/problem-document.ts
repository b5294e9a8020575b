import type { Fault } from '@tessera/contracts';
import type { ProblemError } from './problem-error.js';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
const TYPE_BASE = 'https://tessera.dev/errors/';

/** The body of every error (RFC 9457), with the fields existing clients read (spec 02-conventions, "Errors"). */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly message: string;
  readonly statusCode: string;
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly Fault[];
  readonly [field: string]: unknown;
}

export function problemDocument(error: ProblemError, requestId: string): ProblemDocument {
  const { status, title, code } = error.entry;
  const { detail, errors, fields } = error.particulars;
  return {
    ...fields,
    type: `${TYPE_BASE}${error.slug}`,
    title,
    status,
    detail,
    message: detail,
    statusCode: String(status),
    code,
    requestId,
    ...(errors === undefined ? {} : { errors }),
  };
}

/** Headers of the answer that carries a problem, its content type included. */
export function problemHeaders(error: ProblemError): Record<string, string> {
  const { headers, retryAfter } = error.particulars;
  return {
    ...headers,
    'content-type': PROBLEM_MEDIA_TYPE,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
}
