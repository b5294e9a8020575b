import { isExact, type JsonObject, type JsonValue } from '@tessera/contracts';
import { emptyObject, isJsonObject } from '../merge/canonical-json.js';
import { parseTimestamp } from '../record/timestamp.js';
import { identityMapDocument } from './built-in-documents.js';
import { fieldTypeOf, type FieldType } from './field-type.js';
import type { RecordSchema } from './record-schema.js';

/** A number as JSON writes it (RFC 8259 §6), leading zeros and a plus sign allowed as files have them. */
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;
/** Epoch milliseconds in digits: none of them could be a date such as 20260102. */
const EPOCH = /^(?:0|-\d{1,16}|\d{9,16})$/;
const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;
const WITH_TIME = /^(?:[+-]\d{6}|\d{4})-\d\d-\d\d[Tt]\d\d:\d\d/;
/** A day's start, as spreadsheets write dates. */
const MIDNIGHT = /^(\d{4}-\d\d-\d\d)[Tt ]00:00(?::00(?:\.0{1,9})?)?(?:[Zz]|\+00:?00)?$/;
/** Every record may have an `identityMap`, whether or not its schema refers to it. */
const identityMapType = fieldTypeOf({ definitions: { s0: identityMapDocument } }).declared('identityMap');
/** Furthest time from 1970 a date can hold (ECMA-262 §21.4.1.1). */
const LAST_TIME = 8.64e15;

/**
 * A record with its scalars as the schema has them: number to string and back, text to date or date-time, epoch
 * milliseconds to date or date-time, and nothing else (spec 03-ingestion, "Batches"). What the schema does not speak of, or
 * what cannot be converted without loss, stays: checking it says what is wrong. Converting twice changes nothing more.
 *
 * @returns the same record where nothing is to convert.
 */
export function convertScalars(record: JsonObject, schema: RecordSchema): JsonObject {
  return object(record, (key) => schema.fields.property(key) ?? (key === 'identityMap' ? identityMapType : undefined));
}

function object(source: JsonObject, typeOf: (key: string) => FieldType | undefined): JsonObject {
  let copy: JsonObject | undefined;
  for (const key of Object.keys(source)) {
    const value = source[key] as JsonValue;
    const below = typeOf(key);
    const converted = below === undefined ? value : convert(value, below);
    if (converted === value) continue;
    if (copy === undefined) {
      copy = emptyObject();
      for (const known of Object.keys(source)) copy[known] = source[known] as JsonValue;
    }
    copy[key] = converted;
  }
  return copy ?? source;
}

function convert(value: JsonValue, type: FieldType): JsonValue {
  if (typeof value === 'string') return text(value, type);
  if (typeof value === 'number') return number(value, type);
  if (isJsonObject(value)) return object(value, (key) => type.property(key));
  if (!Array.isArray(value)) return value;
  const element = type.element();
  if (element === undefined) return value;
  const converted = value.map((item) => convert(item, element));
  return converted.some((item, index) => item !== value[index]) ? converted : value;
}

function text(value: string, { types, format }: FieldType): JsonValue {
  if (types === undefined) return value;
  if (types.has('string')) {
    if (format === 'date-time') return dateTime(value);
    return format === 'date' ? date(value) : value;
  }
  if (!types.has('number') && !types.has('integer')) return value;
  if (!NUMBER.test(value)) return value;
  const read = Number(value);
  const isWhole = Number.isInteger(read);
  if (isWhole ? !Number.isSafeInteger(read) : !Number.isFinite(read) || !types.has('number')) return value;
  return read;
}

function number(value: number, { types, format }: FieldType): JsonValue {
  if (types === undefined || !types.has('string') || types.has('number') || types.has('integer')) return value;
  if (!Number.isInteger(value) || Math.abs(value) > LAST_TIME) {
    return format === 'date' || format === 'date-time' ? value : plain(value);
  }
  if (format === 'date-time') return new Date(value).toISOString();
  return format === 'date' ? dayOf(value, value) : plain(value);
}

/** Numbers that were rounded, or became infinite, when they were read must not pass as texts that look exact. */
function plain(value: number): JsonValue {
  return isExact(value) ? String(value) : value;
}

function dateTime(value: string): string {
  if (EPOCH.test(value) && Math.abs(Number(value)) <= LAST_TIME) return new Date(Number(value)).toISOString();
  if (WITH_TIME.test(value)) return value;
  const time = parseTimestamp(value);
  return time === undefined ? value : new Date(time).toISOString();
}

function date(value: string): string {
  if (DATE_ONLY.test(value)) return value;
  if (EPOCH.test(value) && Math.abs(Number(value)) <= LAST_TIME) return dayOf(Number(value), value);
  const [, day] = MIDNIGHT.exec(value) ?? [];
  return day ?? value;
}

/** The UTC day of a time; years beyond four digits have no date in JSON Schema's form. */
function dayOf<Otherwise>(time: number, otherwise: Otherwise): string | Otherwise {
  const day = new Date(time).toISOString().slice(0, 10);
  return DATE_ONLY.test(day) ? day : otherwise;
}
