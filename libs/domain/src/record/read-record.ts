import type {
  DeadLetterReason,
  Fault,
  Identity,
  JsonObject,
  JsonValue,
  RecordOperation,
  Tenant,
} from '@tessera/contracts';
import { removeComputed } from '../merge/computed-attributes.js';
import { cleanRecord, type RecordLimits } from './clean.js';
import { ILL_FORMED, readIdentities, type IgnoredIdentity, type NamespaceLookup } from './identities.js';
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
  /** The tenant's field of profiles, under which computed attributes stand. */
  readonly computedRoot: string;
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
  const { body } = cleaned;
  if (body === undefined) return united([cleaned]);
  // An export that is sent in again has them: they are old figures, and no reason to refuse the record.
  if (context.behavior === 'record') removeComputed(body, context.computedRoot);
  const mismatch = schemaMismatch(body, context);
  const identified = readIdentities(context.tenant, body, context.namespaces, {
    primaryRequired: context.behavior === 'record',
    maxIdentities: context.limits.maxIdentities,
    root: ROOT,
    ...(context.schema !== undefined && { fields: context.schema.identityFields }),
  });
  const dated = context.behavior === 'record' ? ageOf(body, context.acceptedAt) : eventOf(body, context.operation);
  if (!cleaned.ok || mismatch || !identified.ok || !dated.ok) return united([cleaned, mismatch, identified, dated]);
  const { identities, ignored } = identified;
  body['identityMap'] = partial ? withCleared(identified.identityMap, body['identityMap']) : identified.identityMap;
  return { ...dated, identities, ignored, body };
}

/** What is wrong with a record by its schema. A delete says only which record is to go. */
function schemaMismatch(body: JsonObject, { schema, operation }: RecordContext): UnreadableRecord | undefined {
  if (!schema || operation === 'delete') return undefined;
  const faults = schema.faults(body, { partial: operation === 'merge', root: ROOT });
  return faults.length > 0 ? { ok: false, reason: 'schema-mismatch', faults } : undefined;
}

/** All that is wrong with a record, for the reason that comes first. Of several faults of one place the first says most. */
function united(checks: readonly ({ readonly ok: true } | UnreadableRecord | undefined)[]): UnreadableRecord {
  const failed = checks.filter((check): check is UnreadableRecord => check?.ok === false);
  const faults: Fault[] = [];
  const known = new Set<string>();
  for (const check of failed) {
    faults.push(...check.faults.filter(({ path }) => !known.has(path)));
    for (const { path } of check.faults) known.add(path);
  }
  return { ok: false, reason: (failed[0] as UnreadableRecord).reason, faults };
}

/** The usable identities of a partial record, and its namespaces of which it clears what is known. */
function withCleared(identityMap: JsonObject, given: JsonValue | undefined): JsonObject {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return identityMap;
  for (const code of Object.keys(given)) {
    if (given[code] === null) identityMap[code.toLowerCase()] ??= null;
  }
  return identityMap;
}

/** When something happened: an event, or what a record says. */
interface Dated {
  readonly ok: true;
  readonly age: number;
  readonly eventId?: string;
}

function ageOf(body: JsonObject, acceptedAt: number): Dated | UnreadableRecord {
  const audit = body['extSourceSystemAudit'];
  const updated =
    typeof audit === 'object' && audit !== null && !Array.isArray(audit) ? audit['lastUpdatedDate'] : undefined;
  if (updated === undefined || updated === null || updated === '') return { ok: true, age: acceptedAt };
  const age = typeof updated === 'string' ? parseTimestamp(updated) : undefined;
  if (age !== undefined) return { ok: true, age };
  const path = `${ROOT}/extSourceSystemAudit/lastUpdatedDate`;
  return { ok: false, reason: 'invalid-age', faults: [{ path, message: 'must be an ISO 8601 date-time string' }] };
}

function eventOf(body: JsonObject, operation: RecordOperation): Dated | UnreadableRecord {
  const { _id: eventId, timestamp } = body;
  const age = typeof timestamp === 'string' ? parseTimestamp(timestamp) : undefined;
  const isNamed = typeof eventId === 'string' && eventId.isWellFormed();
  if (operation === 'create' && isNamed && age !== undefined) return { ok: true, age, eventId };
  const failed: UnreadableRecord[] = [];
  const refuse = (reason: DeadLetterReason, path: string, message: string) =>
    failed.push({ ok: false, reason, faults: [{ path, message }] });
  if (operation !== 'create') {
    const message = `events are immutable: the operation "${operation}" is for records`;
    refuse('unsupported-operation', '/header/operations/data', message);
  }
  if (typeof eventId !== 'string') {
    refuse('missing-event-id', `${ROOT}/_id`, 'an event needs an _id: a string, unique in its dataset');
  } else if (!isNamed) {
    refuse('schema-mismatch', `${ROOT}/_id`, ILL_FORMED);
  }
  if (age === undefined) {
    refuse('invalid-timestamp', `${ROOT}/timestamp`, 'an event needs a timestamp: an ISO 8601 date-time');
  }
  return united(failed);
}
