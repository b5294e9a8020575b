import type { JsonObject, JsonValue } from '@tessera/contracts';
import { canonicalJson, isJsonObject } from './canonical-json.js';
import { fieldPathOf, type FieldPath } from './field-path.js';

/** What one field of a profile is before and after. */
export type FieldDifference =
  | (FieldPath & { readonly kind: 'added'; readonly after: JsonValue })
  | (FieldPath & { readonly kind: 'removed'; readonly before: JsonValue })
  | (FieldPath & { readonly kind: 'changed'; readonly before: JsonValue; readonly after: JsonValue });

/**
 * Field by field, what `after` has that `before` has not, and the other way round, sorted by names. Fields are leaves
 * (scalars and arrays, compared whole); only where one side has an object and the other a leaf is an object given whole.
 * The order of keys makes no difference; an object without fields counts as absent, as it does in merging.
 */
export function differenceOf(before: JsonObject, after: JsonObject): FieldDifference[] {
  return [...differences(before, after, [])];
}

function* differences(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  names: readonly string[],
): Generator<FieldDifference> {
  const [old, now] = [present(before), present(after)];
  if ((old === undefined || isJsonObject(old)) && (now === undefined || isJsonObject(now))) {
    const keys = new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})]);
    for (const key of [...keys].sort()) yield* differences(field(old, key), field(now, key), [...names, key]);
  } else if (old === undefined) {
    yield { kind: 'added', ...fieldPathOf(names), after: now as JsonValue };
  } else if (now === undefined) {
    yield { kind: 'removed', ...fieldPathOf(names), before: old };
  } else if (canonicalJson(old) !== canonicalJson(now)) {
    yield { kind: 'changed', ...fieldPathOf(names), before: old, after: now };
  }
}

function field(object: JsonObject | undefined, key: string): JsonValue | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

function present(value: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(value) && !hasLeaf(value) ? undefined : value;
}

function hasLeaf(value: JsonValue): boolean {
  return !isJsonObject(value) || Object.values(value).some(hasLeaf);
}
