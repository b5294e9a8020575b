/**
 * Headers of a message on {@link topics.record}. The value is the published streaming envelope as JSON
 * (`{"header": …, "body": {"xdmMeta": …, "xdmEntity": …}}`), so other producers can write it without knowing this code.
 */
export const recordHeaders = {
  organisation: 'organisation',
  sandbox: 'sandbox',
  /** {@link RecordStamp} of the gateway. Absent: the broker's own timestamp and offset take its place. */
  stamp: 'stamp',
  batchId: 'batch-id',
  /** {@link Replay}: the record is a dead letter that is tried again. */
  replay: 'replay',
} as const;

/** What the gateway notes on a record it accepts. */
export interface RecordStamp {
  /** Epoch ms. */
  readonly acceptedAt: number;
  /** Place among everything accepted in the same millisecond. */
  readonly position: string;
  /** The answer's `xactionId`. */
  readonly transactionId: string;
  readonly requestId: string;
}

/** One header rather than four: the broker's client spends more on a header than on its text. No part has a space. */
export function formatStamp({ acceptedAt, position, transactionId, requestId }: RecordStamp): string {
  return `${acceptedAt} ${position} ${transactionId} ${requestId}`;
}

/** @returns undefined for anything {@link formatStamp} did not write. */
export function parseStamp(text: string | undefined): RecordStamp | undefined {
  const [time, position, transactionId, requestId, more] = text?.split(' ') ?? [];
  const acceptedAt = Number(time);
  if (!position || !transactionId || !requestId || more !== undefined) return undefined;
  return Number.isSafeInteger(acceptedAt) ? { acceptedAt, position, transactionId, requestId } : undefined;
}

/** Which dead letter a replayed record is, and which of its replays: only the latest one counts. */
export interface Replay {
  readonly deadLetterId: string;
  readonly token: string;
}

/** One header for both; neither part has a space. */
export function formatReplay({ deadLetterId, token }: Replay): string {
  return `${deadLetterId} ${token}`;
}

/** @returns undefined for anything {@link formatReplay} did not write. */
export function parseReplay(text: string | undefined): Replay | undefined {
  const [deadLetterId, token, more] = text?.split(' ') ?? [];
  return deadLetterId && token && more === undefined ? { deadLetterId, token } : undefined;
}

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
