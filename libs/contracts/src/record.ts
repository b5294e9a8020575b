/**
 * Headers of a message on {@link topics.record}. The value is the published streaming envelope as JSON
 * (`{"header": …, "body": {"xdmMeta": …, "xdmEntity": …}}`), so other producers can write it without knowing this code.
 */
export const recordHeaders = {
  organisation: 'organisation',
  sandbox: 'sandbox',
  /** Epoch ms at which the gateway accepted the record. Absent: the Kafka message's own timestamp. */
  acceptedAt: 'accepted-at',
  /** The answer's `xactionId`. Absent: `<partition>-<offset>`. */
  transactionId: 'transaction-id',
  /** Place among everything accepted in the same millisecond, fixed width. Absent: the offset. */
  position: 'position',
  requestId: 'request-id',
  batchId: 'batch-id',
} as const;

/** What a streamed record asks for; `create` when not said. */
export type RecordOperation = 'create' | 'merge' | 'delete';

/** A JSON object of a customer's making. Keys are data: never a prototype's, never an operator. */
export type JsonObject = { [key: string]: JsonValue };
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** The published streaming envelope. Only the parts the platform reads are named. */
export interface RecordEnvelope {
  readonly header: {
    readonly schemaRef?: { readonly id: string; readonly contentType?: string };
    readonly imsOrgId?: string;
    readonly datasetId: string;
    readonly flowId?: string;
    readonly createdAt?: number;
    readonly source?: { readonly name?: string };
    readonly operations?: { readonly data?: RecordOperation };
  };
  readonly body: { readonly xdmMeta: { readonly schemaRef?: { readonly id: string } }; readonly xdmEntity: JsonObject };
}
