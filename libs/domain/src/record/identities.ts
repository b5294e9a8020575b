import type { DeadLetterReason, Fault, Identity, JsonObject, JsonValue, Tenant } from '@tessera/contracts';
import { strengthOf, type Namespace } from '../identity/namespace.js';
import { xidOf } from '../identity/xid.js';
import type { IdentityField } from '../schemas/identity-field.js';
import { emptyObject } from '../merge/canonical-json.js';
import { pointer } from './json-pointer.js';

/** Why an identity of a record was passed over (spec 03-ingestion, "Identities"). */
export type IgnoredIdentity =
  'unknown-namespace' | 'no-person' | 'blank' | 'placeholder' | 'too-long' | 'malformed-ecid';

/** Finds a namespace of the record's sandbox by its code in lower case. */
export type NamespaceLookup = (code: string) => Namespace | undefined;

export type ReadIdentities =
  | {
      readonly ok: true;
      /** Distinct, the primary one first. Never empty. */
      readonly identities: readonly [Identity, ...Identity[]];
      readonly ignored: readonly IgnoredIdentity[];
      /** The record's `identityMap` with its usable identities alone, by lower-case code. */
      readonly identityMap: JsonObject;
    }
  | { readonly ok: false; readonly reason: DeadLetterReason; readonly faults: readonly Fault[] };

interface Candidate {
  readonly identity: Identity;
  readonly namespace: Namespace;
  /** As the record gives it, with whatever else it says of the identity. */
  readonly item: JsonObject;
  primary: boolean;
  /** Whether the schema's primary identity field has it. */
  primaryField: boolean;
}

export interface IdentityOptions {
  /** Records must say which identity is primary; events fall back on the strongest namespace. */
  readonly primaryRequired: boolean;
  readonly maxIdentities: number;
  /** JSON Pointer of the record inside its message, for faults. */
  readonly root: string;
  /** Fields of the record whose values are identities, as its schema's descriptors say. */
  readonly fields?: readonly IdentityField[];
}

const MAX_ID_LENGTH = 1_024;
const PLACEHOLDERS = new Set(['null', 'anonymous', 'invalid']);
const ECID = /^\d{38}$/;

/**
 * The usable identities of a cleaned record, the primary one first: those of its `identityMap`, and those of the fields that
 * identity descriptors name. Primary is the one marked so, else that of the primary field.
 */
export function readIdentities(
  tenant: Tenant,
  record: JsonObject,
  namespaces: NamespaceLookup,
  options: IdentityOptions,
): ReadIdentities {
  const found: Found = { candidates: new Map(), ignored: [], faults: [] };
  const path = pointer(options.root, 'identityMap');
  const take = (namespace: Namespace | undefined, id: string, item: JsonObject, primaryField = false): void => {
    const reason = reasonToIgnore(namespace, id);
    if (reason !== undefined || namespace === undefined) found.ignored.push(reason ?? 'blank');
    else addCandidate(found.candidates, tenant, namespace, id, item, primaryField);
  };
  const namespaceOf = (code: string) => namespaces(code.toLowerCase());
  readMap(record['identityMap'] ?? emptyObject(), path, found.faults, (code) => {
    const namespace = namespaceOf(code);
    return (id, item) => take(namespace, id, item);
  });
  for (const field of options.fields ?? []) {
    const id = valueAt(record, field.steps);
    if (id === undefined) continue;
    const wrong = faultOfId(id);
    if (typeof id === 'string' && wrong === undefined) {
      take(namespaceOf(field.namespace), id, identityItem(id), field.isPrimary);
    } else found.faults.push({ path: field.steps.reduce(pointer, options.root), message: `is an identity: ${wrong}` });
  }
  const chosen = choosePrimary([...found.candidates.values()], found.ignored, path, options);
  if (found.faults.length === 0) return chosen;
  // Whether one is missing cannot be told while others cannot be read.
  const more = chosen.ok || chosen.reason === 'no-usable-identity' ? [] : chosen.faults;
  return { ok: false, reason: 'schema-mismatch', faults: [...found.faults, ...more] };
}

/** What a record's identities are read into. */
interface Found {
  readonly candidates: Map<string, Candidate>;
  readonly ignored: IgnoredIdentity[];
  readonly faults: Fault[];
}

/** @param takerOf what takes the identities of a namespace, asked for once for each code. */
function readMap(
  map: JsonValue,
  path: string,
  faults: Fault[],
  takerOf: (code: string) => (id: string, item: JsonObject) => void,
): void {
  if (!isObject(map)) {
    faults.push({ path, message: 'must be an object from namespace code to identities' });
    return;
  }
  for (const code of Object.keys(map)) {
    const items = map[code] as JsonValue;
    if (items === null) continue;
    if (!Array.isArray(items)) {
      faults.push({ path: pointer(path, code), message: 'must be an array of identities' });
      continue;
    }
    const take = takerOf(code);
    for (const [index, item] of items.entries()) {
      const at = () => pointer(pointer(path, code), index);
      if (!isObject(item)) {
        faults.push({ path: at(), message: 'must be an object with an id' });
        continue;
      }
      const id = item['id'] ?? '';
      const wrong = faultOfId(id);
      if (typeof id === 'string' && wrong === undefined) take(id, item);
      else faults.push({ path: pointer(at(), 'id'), message: `${wrong}` });
    }
  }
}

function choosePrimary(
  candidates: readonly Candidate[],
  ignored: readonly IgnoredIdentity[],
  path: string,
  options: IdentityOptions,
): ReadIdentities {
  if (candidates.length > options.maxIdentities) {
    const message = `a record may carry ${options.maxIdentities} identities, this one has ${candidates.length}`;
    return fault('too-many-identities', path, message);
  }
  const marked = candidates.filter(({ primary }) => primary);
  if (marked.length > 1) {
    const names = marked.map(({ namespace }) => namespace.code).join(' and ');
    return fault('two-primary-identities', path, `only one identity may be primary; ${names} are marked`);
  }
  const named = marked[0] ?? candidates.find(({ primaryField }) => primaryField);
  if (named !== undefined) named.primary = true;
  const primary = named ?? (options.primaryRequired ? undefined : candidates.toSorted(byStrength)[0]);
  if (primary === undefined) return noPrimary(candidates.length, ignored, path);
  const others = candidates.filter((candidate) => candidate !== primary).map(({ identity }) => identity);
  return { ok: true, identities: [primary.identity, ...others], ignored, identityMap: identityMapOf(candidates) };
}

function noPrimary(usable: number, ignored: readonly IgnoredIdentity[], path: string): ReadIdentities {
  const why = ignored.length > 0 ? ` (ignored: ${[...new Set(ignored)].join(', ')})` : '';
  return usable > 0
    ? fault('no-usable-identity', path, `no usable identity is marked primary${why}; set "primary": true on one`)
    : fault('no-usable-identity', path, `the record carries no usable identity${why}`);
}

function addCandidate(
  candidates: Map<string, Candidate>,
  tenant: Tenant,
  namespace: Namespace,
  id: string,
  item: JsonObject,
  primaryField = false,
): void {
  const xid = xidOf(tenant, namespace.code, id);
  const primary = item['primary'] === true;
  const known = candidates.get(xid);
  if (known) {
    known.primary ||= primary;
    known.primaryField ||= primaryField;
    return;
  }
  const identity = { xid, namespace: namespace.code.toLowerCase(), id };
  candidates.set(xid, { identity, namespace, item, primary, primaryField });
}

/** What `identityMap` says of an identity that a field has. */
function identityItem(id: string): JsonObject {
  return Object.assign(emptyObject(), { id });
}

/** Absent where the record has nothing there, or clears it. */
function valueAt(record: JsonObject, steps: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = record;
  for (const step of steps) value = value !== undefined && isObject(value) ? value[step] : undefined;
  return value ?? undefined;
}

function identityMapOf(candidates: readonly Candidate[]): JsonObject {
  const map = emptyObject() as { [code: string]: JsonObject[] };
  for (const { identity, item, primary } of candidates) {
    const marked = primary && item['primary'] !== true ? Object.assign(item, { primary }) : item;
    (map[identity.namespace] ??= []).push(marked);
  }
  return map;
}

/** Fault of an id that has no form in UTF-8, as which stores keep text: two such ids would become one. */
export const ILL_FORMED = 'must be well-formed Unicode: it has half of a surrogate pair';

/** What is wrong with a value that is to be an id. */
function faultOfId(id: JsonValue): string | undefined {
  if (typeof id !== 'string') return 'must be a string';
  return id.isWellFormed() ? undefined : ILL_FORMED;
}

function reasonToIgnore(namespace: Namespace | undefined, id: string): IgnoredIdentity | undefined {
  if (namespace === undefined) return 'unknown-namespace';
  if (strengthOf(namespace.idType) === 0) return 'no-person';
  if (id.trim() === '') return 'blank';
  if (PLACEHOLDERS.has(id.trim().toLowerCase())) return 'placeholder';
  if (id.length > MAX_ID_LENGTH) return 'too-long';
  if (namespace.code === 'ECID' && !ECID.test(id)) return 'malformed-ecid';
  return undefined;
}

/** Strongest kind first; ties by code and value, so that the choice never depends on the order of keys. */
function byStrength(a: Candidate, b: Candidate): number {
  return (
    strengthOf(b.namespace.idType) - strengthOf(a.namespace.idType) ||
    compareText(a.identity.namespace, b.identity.namespace) ||
    compareText(a.identity.id, b.identity.id)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(reason: DeadLetterReason, path: string, message: string): ReadIdentities {
  return { ok: false, reason, faults: [{ path, message }] };
}
