import type { JsonObject, JsonValue } from '@tessera/contracts';
import { FileFormatError } from '../file-format.js';

/** What a column, or a group of columns, becomes in a record. */
type Node =
  | { readonly kind: 'column'; readonly index: number; readonly isFlag: boolean }
  | { readonly kind: 'object'; readonly members: Map<string, Node> }
  | { readonly kind: 'array'; readonly items: Map<number, Node> };

type Group = Exclude<Node, { kind: 'column' }>;

/** Makes a record of the cells of a row. */
export type RecordOfCells = (cells: readonly string[]) => JsonObject;

/** Deeper fields are refused in any record; see spec 02-conventions, Limits. */
const MAX_DEPTH = 32;

/**
 * Reads the header of a CSV file. Each name is the place of its cells in the record: `person.name.firstName`,
 * `identityMap.Email[0].id`. Cells are strings, except whether an identity is primary; an empty one is absent, and so is what
 * holds nothing but such.
 *
 * @throws FileFormatError for a name that is empty, given twice, no place, or a place within another column's.
 */
export function recordOfCells(names: readonly string[]): RecordOfCells {
  const members = new Map<string, Node>();
  names.forEach((name, index) => place(members, name, index));
  return (cells) => objectOf(members, cells) ?? emptyObject();
}

function place(members: Map<string, Node>, name: string, index: number): void {
  const steps = stepsOf(name, index);
  const [first, ...rest] = steps;
  let parent: Map<string | number, Node> = members;
  let key = first as string | number;
  for (const step of rest) {
    const wanted: Group =
      typeof step === 'number' ? { kind: 'array', items: new Map() } : { kind: 'object', members: new Map() };
    const node = parent.get(key) ?? wanted;
    if (node.kind === 'column' || node.kind !== wanted.kind) throw conflict(name);
    parent.set(key, node);
    parent = childrenOf(node);
    key = step;
  }
  if (parent.has(key)) throw conflict(name);
  parent.set(key, { kind: 'column', index, isFlag: marksPrimary(steps) });
}

function childrenOf(node: Group): Map<string | number, Node> {
  return node.kind === 'array' ? node.items : node.members;
}

/** `a.b[0].c` → `a`, `b`, 0, `c`. */
function stepsOf(name: string, index: number): (string | number)[] {
  if (name.trim() === '') {
    throw new FileFormatError(`Column ${index + 1} of the CSV header has no name: name the field its cells are for.`);
  }
  if (/\p{Cc}/u.test(name.trim())) {
    throw new FileFormatError(
      `Column ${index + 1} of the CSV header has a control character in its name. If the file ends its lines with CR alone, write LF or CRLF.`,
    );
  }
  const steps = name
    .trim()
    .split('.')
    .flatMap((part) => {
      const [, key, indexes] = /^([^[\]]+)((?:\[\d{1,4}\])*)$/.exec(part) ?? [];
      if (key === undefined) {
        throw new FileFormatError(
          `The CSV header's "${name}" is no field: write names with dots between them, and [0], [1] … for items of a list.`,
        );
      }
      return [key, ...[...(indexes ?? '').matchAll(/\d+/g)].map(Number)];
    });
  if (steps.length > MAX_DEPTH) throw new FileFormatError(`The CSV header's column ${index + 1} is nested too deep.`);
  return steps;
}

/** `identityMap.Email[0].primary`: the one field of every record that only a boolean can say. */
function marksPrimary(steps: readonly (string | number)[]): boolean {
  return steps.length === 4 && steps[0] === 'identityMap' && typeof steps[2] === 'number' && steps[3] === 'primary';
}

function conflict(name: string): FileFormatError {
  return new FileFormatError(
    `The CSV header's "${name}" clashes with another column: a field is named once, and holds either a value or fields.`,
  );
}

function valueOf(node: Node, cells: readonly string[]): JsonValue | undefined {
  if (node.kind === 'column') return cellValue(cells[node.index], node.isFlag);
  return node.kind === 'object' ? objectOf(node.members, cells) : arrayOf(node.items, cells);
}

function cellValue(cell: string | undefined, isFlag: boolean): JsonValue | undefined {
  if (!cell) return undefined;
  return isFlag && /^(true|false)$/i.test(cell) ? cell.toLowerCase() === 'true' : cell;
}

/** @returns undefined where no cell has anything. */
function objectOf(members: ReadonlyMap<string, Node>, cells: readonly string[]): JsonObject | undefined {
  let object: JsonObject | undefined;
  for (const [key, node] of members) {
    const value = valueOf(node, cells);
    if (value === undefined) continue;
    object ??= emptyObject();
    object[key] = value;
  }
  return object;
}

/** Items in the order of their indexes; absent ones leave no gap. @returns undefined where no cell has anything. */
function arrayOf(items: ReadonlyMap<number, Node>, cells: readonly string[]): JsonValue[] | undefined {
  const array = [...items]
    .sort(([a], [b]) => a - b)
    .map(([, node]) => valueOf(node, cells))
    .filter((value) => value !== undefined);
  return array.length > 0 ? array : undefined;
}

/** Without a prototype: names of columns are data. */
function emptyObject(): JsonObject {
  return Object.create(null) as JsonObject;
}
