import type { JsonObject, JsonValue } from '@tessera/contracts';
import type { FileRow } from '../file-row.js';
import { faultyRow, unreadableText } from './row-faults.js';
import type { Piece } from './split-rows.js';

/** The record that a piece of text says in JSON. Keys such as `__proto__` stay keys. */
export function jsonRow(row: number, piece: Piece, maxRowBytes: number): FileRow {
  const unreadable = unreadableText(row, piece, maxRowBytes);
  if (unreadable !== undefined) return unreadable;
  const { bytes } = piece;
  let value: JsonValue;
  try {
    value = JSON.parse(bytes.toString('utf8')) as JsonValue;
  } catch (error) {
    return faultyRow(row, 'malformed-message', `the row is not valid JSON${placeOf(error)}`, bytes);
  }
  if (isObject(value)) return { row, record: value };
  return faultyRow(row, 'malformed-message', `the row must be a JSON object, not ${kindOf(value)}`, bytes);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** Only the position: the rest of the engine's message quotes the row. */
function placeOf(error: unknown): string {
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return position === undefined ? '' : `, at character ${Number(position) + 1}`;
}
