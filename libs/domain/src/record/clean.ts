import type { DeadLetterReason, Fault, JsonObject, JsonValue } from '@tessera/contracts';
import { pointer } from './json-pointer.js';

/** Bounds of one record (spec 02-conventions, "Limits"). */
export interface RecordLimits {
  readonly maxDepth: number;
  readonly maxKeys: number;
  readonly maxIdentities: number;
}

export const defaultRecordLimits: RecordLimits = { maxDepth: 32, maxKeys: 5_000, maxIdentities: 20 };

export type Cleaned =
  | { readonly ok: true; readonly body: JsonObject }
  | { readonly ok: false; readonly reason: DeadLetterReason; readonly faults: readonly Fault[] };

/** More faults than this help nobody. */
const MAX_FAULTS = 100;

/**
 * A record without what counts as absent: `null`, `""`, `[]`, `{}` as the value of a key, and objects that hold nothing
 * else (spec 03-ingestion). Elements of arrays keep their places. Refuses what cannot be kept exactly or is out of bounds.
 *
 * The copy has no prototype, so that a key such as `__proto__` is a key like any other.
 */
export function cleanRecord(record: JsonObject, limits: RecordLimits, root = ''): Cleaned {
  const cleaner = new Cleaner(limits);
  const body = cleaner.object(record, root, 1);
  return cleaner.verdict(body);
}

class Cleaner {
  private keys = 0;
  private reason: DeadLetterReason | undefined;
  private readonly faults: Fault[] = [];

  constructor(private readonly limits: RecordLimits) {}

  verdict(body: JsonObject): Cleaned {
    return this.reason === undefined ? { ok: true, body } : { ok: false, reason: this.reason, faults: this.faults };
  }

  object(source: JsonObject, path: string, depth: number): JsonObject {
    const copy = Object.create(null) as JsonObject;
    if (!this.deepEnough(path, depth)) return copy;
    for (const key of Object.keys(source)) {
      this.keys += 1;
      if (this.keys > this.limits.maxKeys) {
        this.refuse('too-many-keys', path, `the record has more than ${this.limits.maxKeys} keys`);
        return copy;
      }
      const value = this.value(source[key] as JsonValue, path, key, depth);
      if (value !== undefined) copy[key] = value;
    }
    return copy;
  }

  private value(value: JsonValue, parent: string, step: string | number, depth: number): JsonValue | undefined {
    if (value === null || value === '') return undefined;
    if (typeof value === 'number') return this.number(value, parent, step);
    if (typeof value !== 'object') return value;
    const path = pointer(parent, step);
    if (Array.isArray(value)) return value.length === 0 ? undefined : this.array(value, path, depth + 1);
    const copy = this.object(value, path, depth + 1);
    for (const _key in copy) return copy;
    return undefined;
  }

  private array(source: JsonValue[], path: string, depth: number): JsonValue[] {
    if (!this.deepEnough(path, depth)) return [];
    return source.map((element, index) => {
      if (typeof element === 'number') return this.number(element, path, index);
      if (element === null || typeof element !== 'object') return element;
      const elementPath = pointer(path, index);
      return Array.isArray(element)
        ? this.array(element, elementPath, depth + 1)
        : this.object(element, elementPath, depth + 1);
    });
  }

  /** JSON has no bound on integers, doubles do: past it neighbours fall together, so the sender must use a string. */
  private number(value: number, parent: string, step: string | number): number {
    if (Number.isSafeInteger(value) || (!Number.isInteger(value) && Number.isFinite(value))) return value;
    this.refuse(
      'unsafe-integer',
      pointer(parent, step),
      'an integer beyond ±(2^53 − 1) cannot be kept exactly; send it as a string',
    );
    return 0;
  }

  private deepEnough(path: string, depth: number): boolean {
    if (depth <= this.limits.maxDepth) return true;
    this.refuse('too-deep', path, `values nest deeper than ${this.limits.maxDepth} levels`);
    return false;
  }

  private refuse(reason: DeadLetterReason, path: string, message: string): void {
    this.reason ??= reason;
    if (this.faults.length < MAX_FAULTS) this.faults.push({ path, message });
  }
}
