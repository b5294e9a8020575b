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

/**
 * Payload of the dead-letter topic of {@link topics.record}: a record could not be applied. Keyed as the record was; sent
 * at least once. The record itself is in the dead letter.
 */
export interface RejectionNotice {
  readonly deadLetterId: string;
  /** These three as the message names them, shortened, whether there are such or not; absent where it does not say. */
  readonly organisation?: string;
  readonly sandbox?: string;
  readonly datasetId?: string;
  readonly reason: DeadLetterReason;
  /** The first ones, shortened. */
  readonly faults: readonly Fault[];
  /** Where the record stands. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
  /** Epoch ms. */
  readonly acceptedAt: number;
  /** The answer's `xactionId`, for records that came by the gateway. */
  readonly transactionId?: string;
}

/** One fault of a record: where (RFC 6901 JSON Pointer into the message) and what is wrong. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}
