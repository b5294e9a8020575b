import { batchProblems } from './batch-problems.js';
import { deletionProblems } from './deletion-problems.js';
import { exportProblems } from './export-problems.js';
import { computedAttributeProblems } from './computed-attribute-problems.js';
import { mergePolicyProblems } from './merge-policy-problems.js';
import { operationsProblems } from './operations-problems.js';
import { projectionProblems } from './projection-problems.js';
import { schemaProblems } from './schema-problems.js';

/** What stays the same of every error of one kind. */
export interface CatalogueEntry {
  readonly status: number;
  /** `TSR-<family>-<number>`; clients may rely on it. */
  readonly code: `TSR-${string}-${number}`;
  readonly title: string;
  /** For the reader of the documentation: when it happens and what helps. */
  readonly help: string;
}

/**
 * Every error the platform answers with, by the last part of its `type` (spec 02-conventions, "Errors"). The page
 * `docs/errors.md` is made from it. The number of a code ends in the status; the digit before it tells apart errors of one
 * family and status.
 */
export const problemCatalogue = {
  // Any endpoint
  'malformed-request': {
    status: 400,
    code: 'TSR-GEN-0400',
    title: 'Malformed request',
    help: 'The request line, a header or the framing of the body cannot be read.',
  },
  'malformed-body': {
    status: 400,
    code: 'TSR-GEN-1400',
    title: 'Malformed body',
    help: 'The body is not what its content type says: broken JSON, or compressed bytes that do not inflate.',
  },
  'invalid-utf8': {
    status: 400,
    code: 'TSR-GEN-2400',
    title: 'Body is not UTF-8',
    help: 'Text is taken as UTF-8 only (RFC 8259 §8.1); re-encode the body.',
  },
  'invalid-body': {
    status: 400,
    code: 'TSR-GEN-3400',
    title: 'Invalid body',
    help: 'The body is readable but not what the operation takes; `errors` lists every fault with its JSON Pointer.',
  },
  'invalid-parameter': {
    status: 400,
    code: 'TSR-GEN-4400',
    title: 'Invalid parameter',
    help: 'A query or path parameter has a value the operation does not know; `errors` lists each.',
  },
  'missing-header': {
    status: 400,
    code: 'TSR-GEN-5400',
    title: 'Missing header',
    help: 'A header every call needs is absent, such as `x-sandbox-name`.',
  },
  'invalid-page-token': {
    status: 400,
    code: 'TSR-GEN-6400',
    title: 'Invalid page token',
    help: 'The token was not given by this list; start again without it.',
  },
  'no-such-route': {
    status: 404,
    code: 'TSR-GEN-0404',
    title: 'No such route',
    help: 'No operation answers this method and path; see `/docs`.',
  },
  'body-too-large': {
    status: 413,
    code: 'TSR-GEN-0413',
    title: 'Body too large',
    help: 'The body is larger than the operation takes, also after inflation; send less at a time.',
  },
  'path-too-long': {
    status: 414,
    code: 'TSR-GEN-0414',
    title: 'Path too long',
    help: 'A part of the path is longer than any id of the platform.',
  },
  'unsupported-media-type': {
    status: 415,
    code: 'TSR-GEN-0415',
    title: 'Unsupported media type',
    help: 'The operation does not take this `Content-Type` or `Content-Encoding`; the detail names those it takes.',
  },
  'too-many-requests': {
    status: 429,
    code: 'TSR-GEN-0429',
    title: 'Too many requests',
    help: 'Too much is under way; wait as long as `Retry-After` says and send again.',
  },
  'internal-error': {
    status: 500,
    code: 'TSR-GEN-0500',
    title: 'Internal error',
    help: 'A fault of the platform, logged under the request id; report that id.',
  },
  unavailable: {
    status: 503,
    code: 'TSR-GEN-0503',
    title: 'Temporarily unavailable',
    help: 'A store or broker does not answer; nothing was done. Send again after `Retry-After` seconds.',
  },

  // Who asks, and for whom
  'missing-token': {
    status: 401,
    code: 'TSR-AUT-0401',
    title: 'No access token',
    help: 'Send `Authorization: Bearer <token>`.',
  },
  'invalid-token': {
    status: 401,
    code: 'TSR-AUT-1401',
    title: 'Invalid access token',
    help: 'The token is not of the configured issuer and audience, is expired, or its signature does not verify.',
  },
  'api-key-mismatch': {
    status: 403,
    code: 'TSR-AUT-0403',
    title: 'API key does not match the token',
    help: '`x-api-key` must be the client id the token was issued to.',
  },
  'organisation-not-granted': {
    status: 403,
    code: 'TSR-AUT-1403',
    title: 'Organisation not granted',
    help: '`x-gw-ims-org-id` must be an organisation the token grants.',
  },
  'scope-missing': {
    status: 403,
    code: 'TSR-AUT-2403',
    title: 'Scope missing',
    help: 'The token lacks the scope of the operation; request one that has it.',
  },
  'operation-closed': {
    status: 403,
    code: 'TSR-AUT-3403',
    title: 'Operation closed',
    help: 'The operation declares no scope, so nobody may call it.',
  },
  'invalid-client': {
    status: 401,
    code: 'TSR-IMS-0401',
    title: 'Unknown client or wrong secret',
    help: 'The token endpoint does not know this `client_id` with this `client_secret`.',
  },
  'unsupported-grant-type': {
    status: 400,
    code: 'TSR-IMS-0400',
    title: 'Unsupported grant type',
    help: 'The token endpoint takes `grant_type=client_credentials` only.',
  },

  // Sandboxes
  'unknown-sandbox': {
    status: 404,
    code: 'TSR-SBX-0404',
    title: 'Unknown sandbox',
    help: 'The organisation has no sandbox of this name or id.',
  },
  'sandbox-exists': {
    status: 409,
    code: 'TSR-SBX-0409',
    title: 'Sandbox exists',
    help: 'The name is taken, or still held by a deleted sandbox whose data is being removed.',
  },
  'default-sandbox': {
    status: 409,
    code: 'TSR-SBX-1409',
    title: 'Default sandbox stays',
    help: 'The default sandbox of an organisation cannot be deleted.',
  },

  // Namespaces
  'unknown-namespace': {
    status: 404,
    code: 'TSR-NSP-0404',
    title: 'Unknown namespace',
    help: 'The sandbox has no identity namespace of this id or code.',
  },
  'namespace-exists': {
    status: 409,
    code: 'TSR-NSP-0409',
    title: 'Namespace exists',
    help: 'Codes are unique without regard to case; choose another, or use the namespace that is there.',
  },
  'built-in-namespace': {
    status: 400,
    code: 'TSR-NSP-0400',
    title: 'Built-in namespace stays',
    help: 'The namespaces every sandbox is born with cannot be changed.',
  },

  // Catalogue
  'unknown-dataset': {
    status: 404,
    code: 'TSR-CAT-0404',
    title: 'Unknown dataset',
    help: 'The sandbox has no dataset of this id.',
  },
  'dataset-exists': {
    status: 409,
    code: 'TSR-CAT-0409',
    title: 'Dataset exists',
    help: 'Another dataset of the sandbox has this name.',
  },
  'dataset-changed': {
    status: 409,
    code: 'TSR-CAT-1409',
    title: 'Dataset changed meanwhile',
    help: 'Somebody else changed the dataset at the same moment, or a `test` of the patch failed; read it again and repeat the change.',
  },
  'patch-not-applicable': {
    status: 400,
    code: 'TSR-CAT-0400',
    title: 'Patch not applicable',
    help: 'An operation of the JSON Patch names a place that is not there, or cannot be read (RFC 6902).',
  },

  // Schema registry
  ...schemaProblems,

  // Streaming connections
  'unknown-connection': {
    status: 404,
    code: 'TSR-FLW-0404',
    title: 'Unknown connection',
    help: 'The sandbox has no connection of this id.',
  },
  'unknown-inlet': {
    status: 404,
    code: 'TSR-COL-0404',
    title: 'Unknown inlet',
    help: 'No streaming connection has this inlet; see `inletUrl` of the connection.',
  },
  'over-quota': {
    status: 429,
    code: 'TSR-COL-0429',
    title: 'Over the quota',
    help: 'The organisation streams more records a second than it may; nothing of the body was taken. The `RateLimit-*` headers tell what is left; send again after `Retry-After` seconds.',
  },

  // Batches
  ...batchProblems,
  ...deletionProblems,
  ...exportProblems,

  // Merge policies
  ...mergePolicyProblems,

  // Computed attributes
  ...computedAttributeProblems,

  // Projections
  ...projectionProblems,

  // Operations
  ...operationsProblems,

  // Profile access
  'unknown-profile': {
    status: 404,
    code: 'TSR-ACC-0404',
    title: 'Unknown profile',
    help: 'The identity was never seen: no record, event or link names it. Check namespace, value and sandbox.',
  },
  'every-identity-failed': {
    status: 400,
    code: 'TSR-ACC-0400',
    title: 'Every identity failed',
    help: 'None of the identities of the call could be answered; `errors` says why. Where some can, the answer is 207.',
  },
  'too-many-identities': {
    status: 422,
    code: 'TSR-ACC-0422',
    title: 'Too many related identities',
    help: 'The person has more related identities than a lookup follows; ask with a policy that uses no graph.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ProblemSlug = keyof typeof problemCatalogue;
