import type { JsonValue } from '@tessera/contracts';

/**
 * The JSON text of a value; undefined where it nests deeper than can be written. Text of any depth can be parsed, so a
 * value may come from outside that has no way back.
 */
export function jsonText(value: JsonValue): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
