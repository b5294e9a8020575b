import { isUtf8 } from 'node:buffer';
import type { JsonValue } from '@tessera/contracts';
import type { SchemaElement } from 'hyparquet';
import { parseFloat16 } from 'hyparquet/src/convert.js';
import { FileFormatError } from '../file-format.js';
import type { RowFaultReason } from '../file-row.js';
import { dateText, decimalOf, isoTime, signedOf, timeOfDay } from './scalars.js';

/** What a value of a column is in a record, or why it cannot be there. */
export type Convert = (raw: unknown) => JsonValue | ValueFault;

export class ValueFault {
  constructor(
    readonly reason: RowFaultReason,
    readonly message: string,
  ) {}
}

const noNumber = new ValueFault('malformed-message', 'not a number, or an infinite one: JSON has neither');
const noText = new ValueFault('malformed-message', 'bytes that are not UTF-8 text; leave the column out, or encode it');
const noTime = new ValueFault('malformed-message', 'a time beyond what ISO 8601 can say');
const noJson = new ValueFault('malformed-message', 'text that is not the JSON the column announces');
const unsafe = new ValueFault(
  'unsafe-integer',
  'an integer beyond ±(2^53 − 1), which cannot be kept exactly; store the column as strings',
);

/**
 * How values of a column are said in JSON: numbers as numbers, 64-bit integers while they are exact, decimals of up to 15
 * digits as numbers and longer ones as text, dates and times in ISO 8601, bytes as the text they are.
 *
 * @throws FileFormatError for types that JSON has nothing for.
 */
export function converterOf(element: SchemaElement): Convert {
  const kind = element.logical_type?.type;
  const { converted_type: converted, type, name } = element;
  if (kind === 'DECIMAL' || converted === 'DECIMAL') return decimals(element);
  if (converted === 'INTERVAL' || converted === 'BSON' || kind === 'BSON' || kind === 'VARIANT') {
    throw new FileFormatError(`The Parquet file's column "${name}" is of the type ${converted ?? kind}: leave it out.`);
  }
  switch (type) {
    case 'BOOLEAN':
      return (raw) => raw as boolean;
    case 'INT32':
    case 'INT64':
      return integers(element);
    case 'INT96':
      return (raw) => nanoseconds(int96Nanoseconds(raw as bigint));
    case 'FLOAT':
    case 'DOUBLE':
      return finite;
    case 'FIXED_LEN_BYTE_ARRAY':
      if (kind === 'UUID') return (raw) => uuidOf(raw as Uint8Array);
      if (kind === 'FLOAT16') return (raw) => finite(parseFloat16(raw as Uint8Array));
      return (raw) => Buffer.from(raw as Uint8Array).toString('base64');
    case 'BYTE_ARRAY':
      return kind === 'JSON' || converted === 'JSON' ? json : text;
    case undefined:
    default:
      throw new Error('a column without a type');
  }
}

function decimals({ scale, precision, logical_type: kind }: SchemaElement): Convert {
  const digits = (kind?.type === 'DECIMAL' ? kind.scale : scale) ?? 0;
  const exactAsNumber = ((kind?.type === 'DECIMAL' ? kind.precision : precision) ?? 38) <= 15;
  return (raw) => {
    const unscaled = raw instanceof Uint8Array ? signedOf(raw) : BigInt(raw as number | bigint);
    const said = decimalOf(unscaled, digits);
    return exactAsNumber ? Number(said) : said;
  };
}

function integers({ logical_type: kind, converted_type: converted }: SchemaElement): Convert {
  if (kind?.type === 'DATE' || converted === 'DATE') return (raw) => dateText(raw as number) ?? noTime;
  if (kind?.type === 'TIMESTAMP') {
    const { unit } = kind;
    if (unit === 'NANOS') return (raw) => nanoseconds(raw as bigint);
    const factor = unit === 'MICROS' ? 1_000n : 1_000_000n;
    return (raw) => nanoseconds((raw as bigint) * factor);
  }
  if (converted === 'TIMESTAMP_MILLIS') return (raw) => nanoseconds((raw as bigint) * 1_000_000n);
  if (converted === 'TIMESTAMP_MICROS') return (raw) => nanoseconds((raw as bigint) * 1_000n);
  if (kind?.type === 'TIME') {
    const factor = { MILLIS: 1_000_000n, MICROS: 1_000n, NANOS: 1n }[kind.unit];
    return (raw) => timeOfDay(BigInt(raw as number | bigint) * factor);
  }
  if (converted === 'TIME_MILLIS') return (raw) => timeOfDay(BigInt(raw as number) * 1_000_000n);
  if (converted === 'TIME_MICROS') return (raw) => timeOfDay((raw as bigint) * 1_000n);
  const unsigned = converted?.startsWith('UINT') || (kind?.type === 'INTEGER' && !kind.isSigned);
  return unsigned ? unsignedInteger : integer;
}

function integer(raw: unknown): number | ValueFault {
  const value = Number(raw);
  return Number.isSafeInteger(value) ? value : unsafe;
}

function unsignedInteger(raw: unknown): number | ValueFault {
  if (typeof raw === 'number') return raw >>> 0;
  return integer(BigInt.asUintN(64, raw as bigint));
}

function finite(raw: unknown): number | ValueFault {
  return Number.isFinite(raw) ? (raw as number) : noNumber;
}

function nanoseconds(value: bigint): string | ValueFault {
  return isoTime(value) ?? noTime;
}

/** Days since the beginning of the Julian calendar's count, and nanoseconds of the day. */
function int96Nanoseconds(value: bigint): bigint {
  return ((value >> 64n) - 2_440_588n) * 86_400_000_000_000n + (value & 0xffff_ffff_ffff_ffffn);
}

function text(raw: unknown): string | ValueFault {
  const bytes = raw as Uint8Array;
  if (!isUtf8(bytes)) return noText;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function json(raw: unknown): JsonValue | ValueFault {
  const said = text(raw);
  if (said instanceof ValueFault) return said;
  try {
    return JSON.parse(said) as JsonValue;
  } catch {
    return noJson;
  }
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
