import { isExact, type DeadLetterReason, type Fault, type JsonObject, type JsonValue } from '@tessera/contracts';
import { emptyObject } from '../merge/canonical-json.js';
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
  | {
      readonly ok: false;
      readonly reason: DeadLetterReason;
      readonly faults: readonly Fault[];
      /** The record in spite of its faults, to look for more of them; absent when it is out of bounds. */
      readonly body?: JsonObject;
    };

/** More faults than this help nobody. */
const MAX_FAULTS = 100;

/**
 * A record without what counts as absent: `null`, `""`, `[]`, `{}` as the value of a key, and objects that hold nothing
 * else (spec 03-ingestion). Elements of arrays keep their places. Refuses what cannot be kept exactly or is out of bounds.
 *
 * The copy inherits nothing, so that a key such as `__proto__` is a key like any other.
 *
 * @param partial the record changes single fields: `null` stays, to clear one, and `""` and `[]` are values. An array is
 * replaced whole, so a `null` inside its objects has nothing to clear and is absent.
 */
export function cleanRecord(record: JsonObject, limits: RecordLimits, root = '', partial = false): Cleaned {
  const cleaner = new Cleaner(limits, root, partial);
  return cleaner.verdict(cleaner.object(record, 1));
}

class Cleaner {
  private keys = 0;
  private reason: DeadLetterReason | undefined;
  private readonly faults: Fault[] = [];
  /** Steps from the record to where the cleaner is; made a pointer only for a fault. */
  private readonly steps: (string | number)[] = [];
  private arrays = 0;
  private outOfBounds = false;

  constructor(
    private readonly limits: RecordLimits,
    private readonly root: string,
    private readonly partial: boolean,
  ) {}

  verdict(body: JsonObject): Cleaned {
    const { reason, faults } = this;
    if (reason === undefined) return { ok: true, body };
    return this.outOfBounds ? { ok: false, reason, faults } : { ok: false, reason, faults, body };
  }

  object(source: JsonObject, depth: number): JsonObject {
    const copy = emptyObject();
    if (!this.deepEnough(depth)) return copy;
    for (const key of Object.keys(source)) {
      this.keys += 1;
      if (this.keys > this.limits.maxKeys) {
        this.outOfBounds = true;
        this.refuse('too-many-keys', `the record has more than ${this.limits.maxKeys} keys`);
        return copy;
      }
      this.steps.push(key);
      const value = this.value(source[key] as JsonValue, depth);
      this.steps.pop();
      if (value !== undefined) copy[key] = value;
    }
    return copy;
  }

  private value(value: JsonValue, depth: number): JsonValue | undefined {
    if (value === null) return this.partial && this.arrays === 0 ? null : undefined;
    if (typeof value === 'number') return this.number(value);
    if (typeof value !== 'object') return value === '' && !this.partial ? undefined : value;
    if (Array.isArray(value)) return value.length === 0 && !this.partial ? undefined : this.array(value, depth + 1);
    const copy = this.object(value, depth + 1);
    for (const _key in copy) return copy;
    return undefined;
  }

  private array(source: JsonValue[], depth: number): JsonValue[] {
    if (!this.deepEnough(depth)) return [];
    this.arrays += 1;
    const copies = source.map((element, index) => {
      this.steps.push(index);
      const copy = this.element(element, depth);
      this.steps.pop();
      return copy;
    });
    this.arrays -= 1;
    return copies;
  }

  private element(element: JsonValue, depth: number): JsonValue {
    if (typeof element === 'number') return this.number(element);
    if (element === null || typeof element !== 'object') return element;
    return Array.isArray(element) ? this.array(element, depth + 1) : this.object(element, depth + 1);
  }

  /** JSON has no bound on integers, doubles do: past it neighbours fall together, so the sender must use a string. */
  private number(value: number): number {
    if (isExact(value)) return value;
    this.refuse('unsafe-integer', 'an integer beyond ±(2^53 − 1) cannot be kept exactly; send it as a string');
    return value;
  }

  private deepEnough(depth: number): boolean {
    if (depth <= this.limits.maxDepth) return true;
    this.outOfBounds = true;
    this.refuse('too-deep', `values nest deeper than ${this.limits.maxDepth} levels`);
    return false;
  }

  private refuse(reason: DeadLetterReason, message: string): void {
    this.reason ??= reason;
    if (this.faults.length < MAX_FAULTS)
      this.faults.push({ path: this.steps.reduce<string>(pointer, this.root), message });
  }
}
