import type { JsonValue } from '@tessera/contracts';
import { parseTimestamp } from '../record/timestamp.js';
import type { Column } from './column.js';

/** A column without parts. */
export type LeafColumn = Exclude<Column, { readonly kind: 'object' | 'list' | 'map' }>;

/** A value as a column without parts holds it: moments and days as dates, whole numbers as `bigint`. */
export type LeafValue = string | number | bigint | boolean | Date;

const DAY = /^\d{4}-\d\d-\d\d$/;

/** @returns undefined for what the column cannot hold, and for `null`. */
export function leafValue({ kind }: LeafColumn, value: JsonValue): LeafValue | undefined {
  switch (kind) {
    case 'json':
      return value === null ? undefined : JSON.stringify(value);
    case 'text':
      return typeof value === 'string' && value.isWellFormed() ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'number':
      return typeof value === 'number' ? value : undefined;
    case 'integer':
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    case 'date':
      return typeof value === 'string' && DAY.test(value) ? dateOf(value) : undefined;
    case 'instant':
      return typeof value === 'string' ? dateOf(value) : undefined;
  }
}

function dateOf(text: string): Date | undefined {
  const time = parseTimestamp(text);
  return time === undefined ? undefined : new Date(time);
}
