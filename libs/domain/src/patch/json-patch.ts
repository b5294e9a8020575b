import type { JsonObject, JsonValue } from '@tessera/contracts';
import { canonicalJson, emptyObject, isJsonObject } from '../merge/canonical-json.js';

/** One operation of a JSON Patch (RFC 6902 §4). */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /** JSON Pointer (RFC 6901). */
  readonly path: string;
  /** JSON Pointer; of `move` and `copy`. */
  readonly from?: string;
  readonly value?: JsonValue;
}

export type PatchResult = { readonly ok: true; readonly document: JsonValue } | PatchFailure;

export interface PatchFailure {
  readonly ok: false;
  /** Of the operation that cannot be applied. */
  readonly index: number;
  readonly message: string;
  /** Whether a `test` found another value than it names, or none: somebody else changed the document, most likely. */
  readonly isConflict: boolean;
}

/** Characters of JSON a document may reach by `copy`, which else doubles it with every operation. */
const LARGEST_COPY = 1_048_576;

class NotApplicable extends Error {}

/** A `test` that is in order, and fails. */
class TestFailed extends NotApplicable {}

/**
 * Applies a JSON Patch (RFC 6902): all of its operations or none. Neither the document nor the operations are changed;
 * objects that changed have no prototype, so that no key means more than itself.
 */
export function applyJsonPatch(document: JsonValue, operations: readonly PatchOperation[]): PatchResult {
  let patched = document;
  for (const [index, operation] of operations.entries()) {
    try {
      patched = applyOperation(patched, operation);
    } catch (error) {
      if (!(error instanceof NotApplicable)) throw error;
      return { ok: false, index, message: error.message, isConflict: error instanceof TestFailed };
    }
  }
  return { ok: true, document: patched };
}

function applyOperation(document: JsonValue, operation: PatchOperation): JsonValue {
  const { op, path } = operation;
  switch (op) {
    case 'add':
      return add(document, stepsOf(path), valueOf(operation));
    case 'remove':
      return remove(document, stepsOf(path));
    case 'replace':
      return replace(document, stepsOf(path), valueOf(operation));
    case 'move': {
      const from = fromOf(operation);
      if (path.startsWith(`${from}/`)) throw new NotApplicable('cannot move a value into itself');
      const moved = read(document, stepsOf(from));
      return add(remove(document, stepsOf(from)), stepsOf(path), moved);
    }
    case 'copy': {
      const copied = add(document, stepsOf(path), read(document, stepsOf(fromOf(operation))));
      if (JSON.stringify(copied).length > LARGEST_COPY) throw new NotApplicable('the document becomes too large');
      return copied;
    }
    case 'test':
      test(document, stepsOf(path), valueOf(operation), path);
      return document;
  }
}

function valueOf({ op, value }: PatchOperation): JsonValue {
  if (value === undefined) throw new NotApplicable(`"${op}" needs a value`);
  return value;
}

function fromOf({ op, from }: PatchOperation): string {
  if (from === undefined) throw new NotApplicable(`"${op}" needs a from`);
  return from;
}

/** @throws TestFailed */
function test(document: JsonValue, steps: readonly string[], expected: JsonValue, path: string): void {
  let found: JsonValue;
  try {
    found = read(document, steps);
  } catch (error) {
    throw error instanceof NotApplicable ? new TestFailed(error.message) : error;
  }
  if (canonicalJson(found) === canonicalJson(expected)) return;
  throw new TestFailed(`the value of ${path} is not the expected one`);
}

/** The keys of a JSON Pointer (RFC 6901 §3 and §4). */
function stepsOf(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new NotApplicable(`"${pointer}" is not a JSON Pointer`);
  if (/~(?![01])/.test(pointer)) {
    throw new NotApplicable(`"${pointer}" is not a JSON Pointer: "~" stands before 0 or 1 only`);
  }
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: JsonValue, steps: readonly string[]): JsonValue {
  return steps.reduce((value, step) => child(value, step), document);
}

function add(document: JsonValue, steps: readonly string[], value: JsonValue): JsonValue {
  return change(document, steps, value, (parent, last) => {
    if (!Array.isArray(parent)) return withKey(parent, last, value);
    const index = last === '-' ? parent.length : indexOf(last);
    if (index > parent.length) throw absent(last);
    return parent.toSpliced(index, 0, value);
  });
}

function replace(document: JsonValue, steps: readonly string[], value: JsonValue): JsonValue {
  return change(document, steps, value, (parent, last) => {
    child(parent, last);
    return Array.isArray(parent) ? parent.with(indexOf(last), value) : withKey(parent, last, value);
  });
}

function remove(document: JsonValue, steps: readonly string[]): JsonValue {
  if (steps.length === 0) throw new NotApplicable('the whole document cannot be removed');
  return change(document, steps, null, (parent, last) => {
    child(parent, last);
    return Array.isArray(parent) ? parent.toSpliced(indexOf(last), 1) : withoutKey(parent, last);
  });
}

type Container = JsonObject | JsonValue[];

/** Copies every container on the way to a place and lets `finish` make the new one of the last. */
function change(
  document: JsonValue,
  steps: readonly string[],
  root: JsonValue,
  finish: (parent: Container, last: string) => JsonValue,
): JsonValue {
  const [step, ...below] = steps;
  if (step === undefined) return root;
  if (!isContainer(document)) throw absent(step);
  if (below.length === 0) return finish(document, step);
  const changed = change(child(document, step), below, root, finish);
  return Array.isArray(document) ? document.with(indexOf(step), changed) : withKey(document, step, changed);
}

function child(value: JsonValue, step: string): JsonValue {
  if (Array.isArray(value)) {
    const item = value[indexOf(step)];
    if (item !== undefined) return item;
  } else if (isJsonObject(value) && Object.hasOwn(value, step)) return value[step] as JsonValue;
  throw absent(step);
}

function indexOf(step: string): number {
  if (!/^(0|[1-9]\d{0,8})$/.test(step)) throw new NotApplicable(`"${step}" is not an index of an array`);
  return Number(step);
}

function isContainer(value: JsonValue): value is Container {
  return typeof value === 'object' && value !== null;
}

function withKey(object: JsonObject, key: string, value: JsonValue): JsonObject {
  const copy = emptyObject();
  for (const known of Object.keys(object)) copy[known] = object[known] as JsonValue;
  copy[key] = value;
  return copy;
}

function withoutKey(object: JsonObject, key: string): JsonObject {
  const copy = emptyObject();
  for (const known of Object.keys(object)) if (known !== key) copy[known] = object[known] as JsonValue;
  return copy;
}

function absent(step: string): NotApplicable {
  return new NotApplicable(`there is nothing at "${step.slice(0, 256)}" in the document`);
}
