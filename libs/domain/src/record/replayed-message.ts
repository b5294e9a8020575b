import { isUtf8 } from 'node:buffer';
import {
  formatReplay,
  formatStamp,
  parseStamp,
  recordHeaders,
  type JsonValue,
  type RecordStamp,
  type Replay,
  type Tenant,
} from '@tessera/contracts';
import { asEnvelope, envelopeFaults } from './envelope.js';
import { partitionKey } from './partition-key.js';
import { topicPosition } from './version.js';

/** What is known of a message that could not be applied. */
export interface FailedMessage {
  readonly record: Buffer;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly source: { readonly partition: number; readonly offset: number };
  /** When it was accepted, whoever says so. */
  readonly acceptedAt: Date;
}

/** A message as it is published; what a producer takes. */
export interface ReplayedMessage {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
}

/**
 * A message of the record topic that tries a failed one again (spec 03-ingestion, "Dead letters"): with the acceptance it
 * had the first time, so that it keeps its age and place, and a header that says which dead letter it is.
 *
 * @param correction what to try in place of the record that failed.
 */
export function replayedMessage(
  tenant: Tenant,
  failed: FailedMessage,
  replay: Replay,
  correction?: Buffer,
): ReplayedMessage {
  const value = correction ?? failed.record;
  const stamp = acceptanceStamp(failed);
  return {
    key: keyOf(tenant, value) ?? stamp.transactionId,
    value,
    headers: {
      ...Object.fromEntries(failed.headers.map((header) => [header.name, header.value])),
      [recordHeaders.organisation]: tenant.organisation,
      [recordHeaders.sandbox]: tenant.sandbox,
      [recordHeaders.stamp]: formatStamp(stamp),
      [recordHeaders.replay]: formatReplay(replay),
    },
  };
}

/** What the gateway stamped on the message, or what the topic says in its place. */
export function acceptanceStamp({ headers, source, acceptedAt }: FailedMessage): RecordStamp {
  const stamped = parseStamp(headers.find(({ name }) => name === recordHeaders.stamp)?.value);
  if (stamped) return stamped;
  const place = `${acceptedAt.getTime()}:topic-${source.partition}:${source.offset}`;
  return {
    acceptedAt: acceptedAt.getTime(),
    position: topicPosition(source.partition, source.offset),
    transactionId: place,
    requestId: place,
  };
}

function keyOf(tenant: Tenant, value: Buffer): string | undefined {
  if (!isUtf8(value)) return undefined;
  try {
    const message = JSON.parse(value.toString('utf8')) as JsonValue;
    if (envelopeFaults(message).length > 0) return undefined;
    return partitionKey(tenant, asEnvelope(message).body.xdmEntity);
  } catch {
    return undefined;
  }
}
