import type { JsonObject, JsonValue } from '@tessera/contracts';
import { partsOf, shapeBelow, type Shape } from './parts.js';

/**
 * A place in a fragment that takes records in any order: a register that keeps its newest write, and what is below it.
 *
 * Invariants: a write is kept unless one here or above is newer, so versions never fall on the way down; a register has
 * a value only while nothing is kept below it, because a newer field below has made an object of the place.
 */
export interface Register {
  /** Version of the newest write to this very place; undefined where there was none, or a newer one above. */
  version: string | undefined;
  /** What that write set, if that is still there. Without it the register only keeps older writes out. */
  value: JsonValue | undefined;
  /** Never empty. */
  below: Map<string, Register> | undefined;
}

export function newRegister(): Register {
  return { version: undefined, value: undefined, below: undefined };
}

/** A record that replaces everything, or, without fields, deletes it: what is not newer than the record goes. */
export function replaceFields(root: Register, version: string, body: JsonObject | undefined): void {
  if (root.version !== undefined && root.version >= version) return;
  write(root, version, null);
  if (body !== undefined) mergeFields(root, version, body);
}

/** A record that changes the leaves it has and nothing else; `null` clears. An object without a leaf changes nothing. */
export function mergeFields(root: Register, version: string, body: JsonObject): void {
  mergeValue(root, version, body, 'body');
}

/** The register under a name, made where there is none. */
export function registerBelow(register: Register, name: string): Register {
  register.below ??= new Map();
  let below = register.below.get(name);
  if (below === undefined) register.below.set(name, (below = newRegister()));
  return below;
}

/** Forgets every write of certain versions. */
export function dropVersions(register: Register, taken: (version: string) => boolean): void {
  if (register.version !== undefined && taken(register.version)) {
    register.version = undefined;
    register.value = undefined;
  }
  for (const [name, below] of register.below ?? []) {
    dropVersions(below, taken);
    if (below.version === undefined && below.below === undefined) register.below?.delete(name);
  }
  if (register.below?.size === 0) register.below = undefined;
}

/** Version of the newest write to a place or below it. */
export function newestVersion({ version, below }: Register): string | undefined {
  let newest = version;
  for (const each of below?.values() ?? []) {
    const version = newestVersion(each);
    if (version !== undefined && (newest === undefined || version > newest)) newest = version;
  }
  return newest;
}

function mergeValue(register: Register, version: string, value: JsonValue, shape: Shape): void {
  const parts = partsOf(value, shape);
  if (parts === undefined) {
    write(register, version, value);
    return;
  }
  if (register.version !== undefined && register.version > version) return;
  for (const [name, part] of parts) {
    const known = register.below?.get(name);
    const below = known ?? newRegister();
    mergeValue(below, version, part, shapeBelow(shape, name));
    if (known === undefined && (below.version !== undefined || below.below !== undefined)) {
      (register.below ??= new Map()).set(name, below);
    }
  }
  if (register.below !== undefined) register.value = undefined;
}

function write(register: Register, version: string, value: JsonValue): void {
  if (register.version !== undefined && register.version >= version) return;
  dropOlder(register, version);
  register.version = version;
  register.value = value === null || register.below !== undefined ? undefined : value;
}

function dropOlder(register: Register, version: string): void {
  if (register.below === undefined) return;
  for (const [name, below] of register.below) {
    if (below.version !== undefined && below.version >= version) continue;
    dropOlder(below, version);
    if (below.below === undefined) register.below.delete(name);
    else {
      below.version = undefined;
      below.value = undefined;
    }
  }
  if (register.below.size === 0) register.below = undefined;
}
