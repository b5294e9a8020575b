import type {
  DeadLetterReason,
  Fault,
  Identity,
  JsonObject,
  JsonValue,
  RecordOperation,
  Tenant,
} from '@tessera/contracts';
import { cleanRecord, type RecordLimits } from './clean.js';
import { readIdentities, type IgnoredIdentity, type NamespaceLookup } from './identities.js';
import type { RecordSchema } from '../schemas/record-schema.js';
import { parseTimestamp } from './timestamp.js';

/** What a dataset's data is: attributes that replace one another, or events that only add up. */
export type DataBehavior = 'record' | 'time-series';

export interface RecordContext {
  readonly tenant: Tenant;
  readonly behavior: DataBehavior;
  /** What the record does in its dataset: {@link operationIn}. */
  readonly operation: RecordOperation;
  /** Epoch ms. */
  readonly acceptedAt: number;
  readonly namespaces: NamespaceLookup;
  readonly limits: RecordLimits;
  /** The sandbox's own schema the record must keep to. Records of the built-in ones may say anything. */
  readonly schema?: RecordSchema | undefined;
}

/** A record that can be applied. */
export interface ReadableRecord {
  readonly ok: true;
  /** Distinct, the primary one first. */
  readonly identities: readonly [Identity, ...Identity[]];
  readonly ignored: readonly IgnoredIdentity[];
  /** Epoch ms: an event's timestamp; a record's `extSourceSystemAudit.lastUpdatedDate` or else its acceptance. */
  readonly age: number;
  /** The `_id` of an event; absent for a record. */
  readonly eventId?: string;
  /** Without what counts as absent. Of a merge: the fields to change, `null` for one to clear. */
  readonly body: JsonObject;
}

export interface UnreadableRecord {
  readonly ok: false;
  readonly reason: DeadLetterReason;
  readonly faults: readonly Fault[];
}

/** Where the record stands inside its message. */
const ROOT = '/body/xdmEntity';

/**
 * Reads a record as spec 03-ingestion, "What a record does", says: its identities, its age, and what it states. Pure, so
 * that the gateway's synchronous validation and the ingestion worker cannot disagree.
 */
export function readRecord(record: JsonObject, context: RecordContext): ReadableRecord | UnreadableRecord {
  const partial = context.operation === 'merge';
  const cleaned = cleanRecord(record, context.limits, ROOT, partial);
  if (!cleaned.ok) return cleaned;
  const { body } = cleaned;
  const { schema } = context;
  // A delete says only which record is to go.
  const mismatches = context.operation === 'delete' ? [] : (schema?.faults(body, { partial, root: ROOT }) ?? []);
  if (mismatches.length > 0) return { ok: false, reason: 'schema-mismatch', faults: mismatches };
  const read = readIdentities(context.tenant, body, context.namespaces, {
    primaryRequired: context.behavior === 'record',
    maxIdentities: context.limits.maxIdentities,
    root: ROOT,
    ...(schema !== undefined && { fields: schema.identityFields }),
  });
  if (!read.ok) return read;
  const { identities, ignored } = read;
  body['identityMap'] = partial ? withCleared(read.identityMap, body['identityMap']) : read.identityMap;
  if (context.behavior === 'record') {
    const age = ageOf(body, context.acceptedAt);
    return typeof age === 'number' ? { ok: true, identities, ignored, age, body } : age;
  }
  if (context.operation !== 'create') {
    const message = `events are immutable: the operation "${context.operation}" is for records`;
    return unreadable('unsupported-operation', '/header/operations/data', message);
  }
  const { _id: eventId, timestamp } = body;
  if (typeof eventId !== 'string') {
    return unreadable('missing-event-id', `${ROOT}/_id`, 'an event needs an _id: a string, unique in its dataset');
  }
  const time = typeof timestamp === 'string' ? parseTimestamp(timestamp) : undefined;
  if (time === undefined) {
    return unreadable('invalid-timestamp', `${ROOT}/timestamp`, 'an event needs a timestamp: an ISO 8601 date-time');
  }
  return { ok: true, identities, ignored, age: time, eventId, body };
}

/** The usable identities of a partial record, and its namespaces of which it clears what is known. */
function withCleared(identityMap: JsonObject, given: JsonValue | undefined): JsonObject {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return identityMap;
  for (const code of Object.keys(given)) {
    if (given[code] === null) identityMap[code.toLowerCase()] ??= null;
  }
  return identityMap;
}

function ageOf(body: JsonObject, acceptedAt: number): number | UnreadableRecord {
  const audit = body['extSourceSystemAudit'];
  const updated =
    typeof audit === 'object' && audit !== null && !Array.isArray(audit) ? audit['lastUpdatedDate'] : undefined;
  if (updated === undefined || updated === null || updated === '') return acceptedAt;
  const age = typeof updated === 'string' ? parseTimestamp(updated) : undefined;
  return (
    age ??
    unreadable('invalid-age', `${ROOT}/extSourceSystemAudit/lastUpdatedDate`, 'must be an ISO 8601 date-time string')
  );
}

function unreadable(reason: DeadLetterReason, path: string, message: string): UnreadableRecord {
  return { ok: false, reason, faults: [{ path, message }] };
}
