import type { JsonValue } from '@tessera/contracts';
import { Instant, isArray, isFields, type Value } from '../evaluate/value.js';
import type { Element, Partial } from './partial.js';

/** A value as JSON that becomes the same value again, times included. */
export function encode(value: Value): JsonValue {
  if (value instanceof Instant) return ['time', value.time];
  if (isArray(value)) return ['array', ...value.map(encode)];
  if (!isFields(value)) return value;
  return ['object', Object.fromEntries(Object.entries(value).map(([key, field]) => [key, encode(field)]))];
}

export function decode(json: JsonValue): Value {
  if (!Array.isArray(json)) return json;
  const [kind, first, ...others] = json;
  if (kind === 'time') return new Instant(Number(first));
  if (kind === 'object') {
    return Object.fromEntries(Object.entries(first ?? {}).map(([key, field]) => [key, decode(field as JsonValue)]));
  }
  return first === undefined ? [] : [first, ...others].map(decode);
}

export function encodePartial({ count, sum, elements }: Partial): JsonValue {
  const rows = elements.map(({ order, key, value }) => [[...order], encode(key), encode(value)]);
  return [count, sum && [...sum], rows];
}

export function decodePartial(json: JsonValue): Partial {
  const [count, sum, rows] = json as unknown as [number, number[] | null, [Element['order'], JsonValue, JsonValue][]];
  return {
    count,
    sum,
    elements: rows.map(([order, key, value]) => ({ order, key: decode(key), value: decode(value) })),
  };
}
