import type { JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from '../merge/canonical-json.js';
import { pointer } from '../record/json-pointer.js';
import { builtInDocument } from './built-in-documents.js';

/** Finds another schema of the sandbox by its `$id`. Built-in ones need not be found. */
export type SchemaLookup = (id: string) => JsonObject | undefined;

/** A place in a schema document. */
export interface SchemaPlace {
  readonly document: JsonObject;
  /** JSON Pointer (RFC 6901) in the document. */
  readonly path: string;
  readonly node: JsonValue;
}

/**
 * The place a `$ref` means: `#…` in the same document, a known `$id`, or both. Nothing is ever fetched.
 *
 * @returns undefined for a reference that leads nowhere.
 */
export function resolveReference(reference: string, from: JsonObject, lookup: SchemaLookup): SchemaPlace | undefined {
  const [id = '', fragment = ''] = splitOnce(reference);
  const document = id === '' || id === from['$id'] ? from : (builtInDocument(id) ?? lookup(id));
  if (document === undefined) return undefined;
  if (fragment === '') return { document, path: '', node: document };
  const steps = stepsOf(fragment);
  if (steps === undefined) return undefined;
  let node: JsonValue = document;
  for (const step of steps) {
    if (!isContainer(node) || !Object.hasOwn(node, step)) return undefined;
    node = (node as JsonObject)[step] as JsonValue;
  }
  return isJsonObject(node) || typeof node === 'boolean'
    ? { document, path: steps.reduce(pointer, ''), node }
    : undefined;
}

/** The ids of other schemas that a document refers to anywhere, built-in ones left out. */
export function foreignReferences(document: JsonObject): ReadonlySet<string> {
  const ids = new Set<string>();
  const open: JsonValue[] = [document];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!isContainer(node)) continue;
    const reference = isJsonObject(node) ? node['$ref'] : undefined;
    if (typeof reference === 'string') {
      const [id = ''] = splitOnce(reference);
      if (id !== '' && id !== document['$id'] && builtInDocument(id) === undefined) ids.add(id);
    }
    for (const value of Object.values(node)) open.push(value);
  }
  return ids;
}

function splitOnce(reference: string): [string, string] {
  const hash = reference.indexOf('#');
  return hash < 0 ? [reference, ''] : [reference.slice(0, hash), reference.slice(hash + 1)];
}

/** A fragment that is a JSON Pointer, percent-encoded as in a URL (RFC 6901 §6). */
function stepsOf(fragment: string): string[] | undefined {
  if (!fragment.startsWith('/')) return undefined;
  try {
    return decodeURIComponent(fragment)
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  } catch {
    return undefined;
  }
}

function isContainer(value: JsonValue): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null;
}
