import type { Identity, IdentityEvidence, IdentityEvidenceMessage, Tenant } from '@tessera/contracts';
import type { OutgoingMessage } from '@tessera/messaging';
import type { Readable } from './readable.js';

/** Evidence about the same identities mostly meets in the same bucket, so that graph writers seldom meet. */
const BUCKETS = 16;
const EVIDENCE_PER_MESSAGE = 200;

/**
 * What some records say about who was seen, and seen together: repeats folded, each piece by a key of all that it says but
 * its times. Without links a record shows only the identities it is stored under.
 */
export function evidenceOf(records: readonly Readable[]): Map<string, IdentityEvidence> {
  const folded = new Map<string, IdentityEvidence>();
  for (const readable of records) {
    const evidence = toEvidence(readable);
    const key = keyOf(evidence);
    const known = folded.get(key);
    folded.set(key, known ? united(known, evidence) : evidence);
  }
  return folded;
}

/** Evidence of one tenant, packed into few messages. */
export function evidenceMessages(tenant: Tenant, evidence: readonly IdentityEvidence[]): OutgoingMessage[] {
  const buckets = Map.groupBy(evidence, ({ identities }) => bucketOf(identities[0]));
  return [...buckets].flatMap(([bucket, some]) => pack(tenant, bucket, some));
}

function toEvidence({ arrival, record, links, fencing }: Readable): IdentityEvidence {
  const stated: readonly Identity[] =
    links || record.eventId !== undefined ? record.identities : record.identities.slice(0, 1);
  const stored = stated.filter(({ xid }) => !fencing.forgotten.has(xid));
  return {
    identities: [...stored],
    links: links && arrival.operation !== 'delete',
    datasetId: arrival.datasetId,
    ...(arrival.batchId !== undefined && { batchId: arrival.batchId }),
    ...(fencing.since !== undefined && { since: fencing.since }),
    first: record.age,
    last: record.age,
    acceptedAt: arrival.acceptance.acceptedAt,
  };
}

function keyOf({ identities, links, datasetId, batchId = '', since = 0 }: IdentityEvidence): string {
  const [primary, ...others] = identities.map(({ xid }) => xid);
  return [links, datasetId, batchId, since, primary, ...others.sort()].join(' ');
}

function united(a: IdentityEvidence, b: IdentityEvidence): IdentityEvidence {
  return {
    ...a,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    acceptedAt: Math.max(a.acceptedAt, b.acceptedAt),
  };
}

function bucketOf(primary: Identity | undefined): number {
  return (primary?.xid.charCodeAt(0) ?? 0) % BUCKETS;
}

function pack(tenant: Tenant, bucket: number, evidence: readonly IdentityEvidence[]): OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  for (let from = 0; from < evidence.length; from += EVIDENCE_PER_MESSAGE) {
    const message: IdentityEvidenceMessage = { ...tenant, evidence: evidence.slice(from, from + EVIDENCE_PER_MESSAGE) };
    messages.push({ key: `bucket-${bucket}`, value: JSON.stringify(message) });
  }
  return messages;
}
