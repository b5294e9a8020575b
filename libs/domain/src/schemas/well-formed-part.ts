import type { ValidateFunction } from 'ajv';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import { isJsonObject } from '../merge/canonical-json.js';

export interface WellFormedPart {
  readonly document: JsonObject;
  /** JSON Pointers to what was taken out. */
  readonly cut: readonly string[];
}

/**
 * A copy of a document in which nothing is malformed: what a check finds fault with becomes `true`, the schema of
 * everything, so that its place is still there; where that is wrong as well, it is left out.
 *
 * @returns undefined where that does not mend the document.
 */
export function wellFormedPart(document: JsonObject, check: ValidateFunction): WellFormedPart | undefined {
  const copy = JSON.parse(JSON.stringify(document)) as JsonObject;
  const cut: string[] = [];
  for (const mend of [makeTrue, leaveOut]) {
    if (check(copy)) break;
    const paths = [...new Set((check.errors ?? []).map(({ instancePath }) => instancePath))];
    for (const path of paths) mend(copy, stepsOf(path));
    cut.push(...paths);
  }
  return check(copy) ? { document: copy, cut } : undefined;
}

function makeTrue(document: JsonObject, steps: readonly string[]): void {
  const holder = reached(document, steps.slice(0, -1));
  const last = steps.at(-1);
  if (last !== undefined && isContainer(holder) && Object.hasOwn(holder, last)) (holder as JsonObject)[last] = true;
}

/** A list with a wrong item is left out as a whole: places of the others would change. */
function leaveOut(document: JsonObject, steps: readonly string[]): void {
  const last = steps.at(-1);
  if (last === undefined) return;
  const holder = reached(document, steps.slice(0, -1));
  if (Array.isArray(holder)) leaveOut(document, steps.slice(0, -1));
  else if (isJsonObject(holder)) Reflect.deleteProperty(holder, last);
}

/** What is at a JSON Pointer. */
export function valueAt(document: JsonObject, path: string): JsonValue | undefined {
  return reached(document, stepsOf(path));
}

function reached(document: JsonObject, steps: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const step of steps) {
    if (!isContainer(value) || !Object.hasOwn(value, step)) return undefined;
    value = (value as JsonObject)[step];
  }
  return value;
}

function isContainer(value: JsonValue | undefined): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null;
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
