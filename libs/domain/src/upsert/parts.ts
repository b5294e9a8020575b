import type { JsonValue } from '@tessera/contracts';
import { isJsonObject } from '../merge/canonical-json.js';

/**
 * How what stands at a place is taken apart: the `body`, its `identityMap`, one `namespace` of that, which is a list of
 * identities, an `identity`, which is a leaf, or any other `field`.
 */
export type Shape = 'body' | 'identityMap' | 'namespace' | 'identity' | 'field';

/** The shape of what stands below a place under a name. */
export function shapeBelow(shape: Shape, name: string): Shape {
  if (shape === 'body') return name === 'identityMap' ? 'identityMap' : 'field';
  if (shape === 'identityMap') return 'namespace';
  return shape === 'namespace' ? 'identity' : 'field';
}

/**
 * The names that a value consists of with what stands under each, or undefined where it is a leaf. Of a namespace of an
 * identity map they are the ids of its identities, so that identities are united while other arrays are replaced.
 */
export function partsOf(value: JsonValue, shape: Shape): (readonly [string, JsonValue])[] | undefined {
  if (shape === 'identity') return undefined;
  if (shape === 'namespace' && Array.isArray(value)) return value.map((item) => [idOf(item), item] as const);
  return isJsonObject(value) ? Object.entries(value) : undefined;
}

/** Identities as a list, whose order does not depend on how they came in: the primary one first, then by id. */
export function identityList(identities: readonly JsonValue[]): JsonValue[] {
  return identities.toSorted(
    (a, b) => Number(isPrimary(b)) - Number(isPrimary(a)) || (idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0),
  );
}

function idOf(item: JsonValue): string {
  const id = isJsonObject(item) ? item['id'] : undefined;
  return typeof id === 'string' ? id : '';
}

function isPrimary(item: JsonValue): boolean {
  return isJsonObject(item) && item['primary'] === true;
}
