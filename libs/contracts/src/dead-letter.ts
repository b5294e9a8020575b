/** Why a record could not be applied. The reason is stable: metrics, filters and documentation use it. */
export const deadLetterReasons = [
  'malformed-message',
  'unknown-tenant',
  'unknown-dataset',
  'schema-mismatch',
  'no-usable-identity',
  'two-primary-identities',
  'too-many-identities',
  'missing-event-id',
  'invalid-timestamp',
  'invalid-age',
  'unsafe-integer',
  'too-deep',
  'too-many-keys',
  'too-large',
  'unsupported-operation',
  'handling-failed',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

/** One fault of a record: where (RFC 6901 JSON Pointer into the message) and what is wrong. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}
