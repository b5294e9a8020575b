import type { JsonObject, JsonValue } from '@tessera/contracts';
import type { FragmentChange } from './fragment-state.js';

/*
 * What the records of a fragment come to, as plainly as it can be said and with nothing shared with what is tested: each
 * record once, by rising version, onto one tree of fields.
 */

/** A field: what it holds, and which record set it. */
interface Field {
  readonly value: JsonValue;
  readonly version: string;
}
type Fields = Map<string, Field | Fields>;

/** A leaf of a fragment with the version of the record that set it; an identity is a leaf named by its id. */
export interface ReferenceLeaf {
  readonly names: readonly string[];
  readonly value: JsonValue;
  readonly version: string;
}

/** The leaves that are left, sorted by their names. */
export function referenceLeaves(changes: readonly FragmentChange[]): ReferenceLeaf[] {
  const inOrder = [...new Map(changes.map((change) => [change.version, change])).values()].sort((a, b) =>
    a.version < b.version ? -1 : 1,
  );
  let fields: Fields = new Map();
  for (const { operation, version, body } of inOrder) {
    if (operation !== 'merge') fields = new Map();
    if (operation !== 'delete') set(fields, withIdentitiesByName(body), version);
  }
  return leaves(fields, []).sort((a, b) => (JSON.stringify(a.names) < JSON.stringify(b.names) ? -1 : 1));
}

function set(fields: Fields, body: Fields | JsonObject, version: string): void {
  const members = body instanceof Map ? [...body] : Object.entries(body);
  for (const [name, value] of members as [string, JsonValue | Fields | Identity][]) {
    if (value === null) fields.delete(name);
    if (value === null) continue;
    if (value instanceof Identity) fields.set(name, { value: value.item, version });
    else if (value instanceof Map || (typeof value === 'object' && !Array.isArray(value))) {
      if (!saysAnything(value)) continue;
      const known = fields.get(name);
      const below: Fields = isFields(known) ? known : new Map<string, Field>();
      set(below, value, version);
      fields.set(name, below);
    } else fields.set(name, { value, version });
  }
}

class Identity {
  constructor(readonly item: JsonValue) {}
}

function withIdentitiesByName(body: JsonObject): Fields {
  const entries = Object.entries(body).map(([name, value]) => {
    if (name !== 'identityMap' || value === null) return [name, value];
    const namespaces = Object.entries(value).map(([code, items]) => {
      if (items === null) return [code, null];
      return [code, new Map((items as { id: string }[]).map((item) => [item.id, new Identity(item as JsonObject)]))];
    });
    return [name, new Map(namespaces as [string, Field][])];
  });
  return new Map(entries as [string, Field][]);
}

function saysAnything(value: unknown): boolean {
  if (value instanceof Identity || value === null || typeof value !== 'object' || Array.isArray(value)) return true;
  return (value instanceof Map ? [...value.values()] : Object.values(value)).some(saysAnything);
}

function isFields(field: Field | Fields | undefined): field is Fields {
  return field instanceof Map;
}

function leaves(fields: Fields, above: readonly string[]): ReferenceLeaf[] {
  return [...fields].flatMap(([name, field]) =>
    isFields(field) ? leaves(field, [...above, name]) : [{ names: [...above, name], ...field }],
  );
}
