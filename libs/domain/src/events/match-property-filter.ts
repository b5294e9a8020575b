import type { JsonObject, JsonValue } from '@tessera/contracts';
import { compareText, isJsonObject } from '../merge/canonical-json.js';
import { parseTimestamp } from '../record/timestamp.js';
import type { PropertyFilter, PropertyOperator } from './property-filter.js';

/** Whether an event passes every filter (spec 06-entities, `property`). */
export function matchesPropertyFilters(filters: readonly PropertyFilter[], event: JsonObject): boolean {
  return filters.every((filter) => matchesPropertyFilter(filter, event));
}

/**
 * Whether any value at the path passes. A path goes through every element of arrays; only texts, numbers and booleans
 * are values, so where the path leads to nothing, `null`, or an object, no operator matches, `!=` included.
 *
 * Numbers compare with numbers, booleans with booleans, texts with texts: as instants where both are ISO 8601 dates
 * (without an offset UTC), by UTF-16 code units otherwise. A value of another kind differs (`!=`) and has no order.
 */
export function matchesPropertyFilter({ path, operator, value }: PropertyFilter, event: JsonObject): boolean {
  const instant = typeof value === 'string' ? parseTimestamp(value) : undefined;
  return anyValueAt(event, path, 0, (found) => {
    if (typeof found === 'string' && typeof value === 'string') {
      const foundInstant = instant === undefined ? undefined : parseTimestamp(found);
      if (instant === undefined || foundInstant === undefined) return holds(operator, compareText(found, value));
      return holds(operator, foundInstant - instant);
    }
    if (typeof found === 'number' && typeof value === 'number') return holds(operator, found - value);
    return operator === (found === value ? '=' : '!=');
  });
}

type Scalar = string | number | boolean;

function anyValueAt(
  value: JsonValue | undefined,
  path: readonly string[],
  depth: number,
  passes: (value: Scalar) => boolean,
): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.some((element) => anyValueAt(element, path, depth, passes));
  const name = path[depth];
  if (isJsonObject(value)) {
    return name !== undefined && Object.hasOwn(value, name) && anyValueAt(value[name], path, depth + 1, passes);
  }
  return name === undefined && passes(value);
}

/** @param order below 0 when what was found comes first, above 0 when the filter's value does. */
function holds(operator: PropertyOperator, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
