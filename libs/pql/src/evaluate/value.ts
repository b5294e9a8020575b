import type { JsonValue } from '@tessera/contracts';
import type { Budget } from './budget.js';
import { parseTime } from './time.js';

/** A point in time, to the millisecond. */
export class Instant {
  /** @param time epoch ms. */
  constructor(readonly time: number) {}
}

/** An object or a map; keys are data, and only own ones count. */
export interface Fields {
  readonly [key: string]: Value;
}

/** What an expression can give. */
export type Value = null | boolean | number | string | Instant | readonly Value[] | Fields;

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isFields(value: Value): value is Fields {
  return typeof value === 'object' && value !== null && !isArray(value) && !(value instanceof Instant);
}

/** An array as it is, nothing as no elements, anything else as the only element. */
export function elementsOf(value: Value): readonly Value[] {
  if (value === null) return [];
  return isArray(value) ? value : [value];
}

/** The time that a value stands for: a time, or a text that is an ISO 8601 date or date-time. */
export function timeOf(value: Value): number | undefined {
  if (value instanceof Instant) return value.time;
  return typeof value === 'string' ? parseTime(value) : undefined;
}

/**
 * A field of an object. Of an array: the field of each element that has it, in one array, fields that are arrays
 * themselves joined. Nothing for anything else.
 */
export function fieldOf(value: Value, name: string, budget: Budget): Value {
  if (isArray(value)) {
    budget.spend(value.length);
    const found: Value[] = [];
    for (const element of value) {
      const field = fieldOf(element, name, budget);
      if (isArray(field)) {
        budget.spend(field.length);
        for (const part of field) found.push(part);
      } else if (field !== null) found.push(field);
    }
    return found;
  }
  return isFields(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

/** As JSON; times as ISO 8601 in UTC. */
export function toJson(value: Value, budget: Budget): JsonValue {
  budget.spend(1);
  if (value instanceof Instant) return new Date(value.time).toISOString();
  if (isArray(value)) return value.map((element) => toJson(element, budget));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, toJson(field, budget)]));
}

/** Equal values, and only those, have equal texts. */
export function canonicalText(value: Value, budget: Budget): string {
  budget.spend(1);
  if (value instanceof Instant) return `t${value.time}`;
  if (isArray(value)) return `[${value.map((element) => canonicalText(element, budget)).join()}]`;
  if (typeof value === 'string') {
    budget.spend(value.length / 16);
    return JSON.stringify(value);
  }
  if (!isFields(value)) return String(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonicalText(field, budget)}`).join()}}`;
}
