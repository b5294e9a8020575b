import type { JsonObject, JsonValue } from '@tessera/contracts';
import { compareText, emptyObject } from '../merge/canonical-json.js';
import { pointerNames } from '../merge/field-path.js';
import { pointer } from '../record/json-pointer.js';
import { formatFieldVersions, parseFieldVersions } from './field-versions.js';
import type { FragmentState } from './fragment-state.js';
import { identityList, partsOf, shapeBelow, type Shape } from './parts.js';
import { newRegister, registerBelow, type Register } from './registers.js';

/** The registers of a stored fragment. */
export function registersOf({ version, body, fieldVersions }: FragmentState): Register {
  const root = newRegister();
  let others: string | undefined;
  if (fieldVersions === undefined) root.version = version;
  else {
    const stored = parseFieldVersions(fieldVersions);
    others = stored.others;
    for (const [at, written] of stored.writes) pointerNames(at).reduce(registerBelow, root).version = written;
  }
  if (body !== undefined) plant(root, JSON.parse(body) as JsonObject, 'body', others ?? root.version ?? version);
  return root;
}

/** Puts the leaves of a stored body into their registers; one without a version of its own has that of what is above. */
function plant(register: Register, value: JsonValue, shape: Shape, above: string): void {
  const parts = partsOf(value, shape);
  if (parts === undefined) {
    register.version ??= above;
    register.value = value;
    return;
  }
  const here = shape === 'body' ? above : (register.version ?? above);
  for (const [name, part] of parts) plant(registerBelow(register, name), part, shapeBelow(shape, name), here);
}

/** The fragment that registers make, to be stored. Equal registers give equal text. */
export function stateOf(root: Register, version: string): FragmentState {
  const body = bodyOf(root, 'body');
  const others = mostCommonVersion(root);
  const writes = new Map<string, string>();
  if (root.version !== undefined) writes.set('', root.version);
  listWrites(root, '', { leaf: others ?? root.version, write: root.version }, writes);
  const simple = others === undefined && writes.size === 1 && root.version === version;
  return {
    version,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(!simple && { fieldVersions: formatFieldVersions({ writes, others }) }),
  };
}

/** What is left of the fields, names sorted, without empty objects. */
function bodyOf(register: Register, shape: Shape): JsonValue | undefined {
  const { value, below } = register;
  if (below === undefined) return value;
  const object = emptyObject();
  const left: JsonValue[] = [];
  for (const name of [...below.keys()].sort(compareText)) {
    const part = bodyOf(below.get(name) as Register, shapeBelow(shape, name));
    if (part === undefined) continue;
    object[name] = part;
    left.push(part);
  }
  if (left.length === 0) return undefined;
  return shape === 'namespace' ? identityList(left) : object;
}

/** Versions that a reader gives what is not listed: to a leaf, and to a write that only keeps older ones out. */
interface Inherited {
  readonly leaf: string | undefined;
  readonly write: string | undefined;
}

/** Lists the registers below whose versions a reader could not tell from those above. */
function listWrites(register: Register, at: string, inherited: Inherited, writes: Map<string, string>): void {
  for (const [name, below] of register.below ?? []) {
    const { version, value } = below;
    const known = version === undefined || version === (value === undefined ? inherited.write : inherited.leaf);
    if (known && below.below === undefined) continue;
    const place = pointer(at, name);
    if (!known) writes.set(place, version);
    listWrites(below, place, known ? inherited : { leaf: version, write: version }, writes);
  }
}

/**
 * The version that most leaves have of those which only the whole could pass one on to; undefined where it is the whole's
 * own. Datasets mostly send the same fields again and again, and then no field needs to be listed. The newest of equals.
 */
function mostCommonVersion(root: Register): string | undefined {
  const leaves = new Map<string, number>();
  const count = (register: Register): void => {
    for (const below of register.below?.values() ?? []) {
      const { version, value } = below;
      if (version === undefined || (value === undefined && version === root.version)) count(below);
      else if (value !== undefined) leaves.set(version, (leaves.get(version) ?? 0) + 1);
    }
  };
  count(root);
  let most: string | undefined;
  for (const [version, number] of leaves) {
    const best = most === undefined ? 0 : (leaves.get(most) ?? 0);
    if (number > best || (number === best && most !== undefined && version > most)) most = version;
  }
  return most === root.version ? undefined : most;
}
