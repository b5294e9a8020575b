import type { ErrorObject } from 'ajv';

/** JSON Pointer (RFC 6901) to what is wrong, or missing. */
export function pathOf({ instancePath, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Readonly<Record<string, unknown>>;
  const below = missingProperty ?? additionalProperty;
  return typeof below === 'string' ? `${instancePath}/${escapePointer(below)}` : instancePath;
}

/** One key as a part of a JSON Pointer (RFC 6901 §3). */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
