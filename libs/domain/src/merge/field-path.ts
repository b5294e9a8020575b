import { pointer } from '../record/json-pointer.js';

/** Where a field is, in the two notations of the API. */
export interface FieldPath {
  /** RFC 6901 JSON Pointer: exact whatever the names contain. */
  readonly pointer: string;
  /** Names joined by dots, as `fields` takes them; ambiguous when a name contains a dot. */
  readonly path: string;
}

export function fieldPathOf(names: readonly string[]): FieldPath {
  return { pointer: names.reduce(pointer, ''), path: names.join('.') };
}

/** The names along a JSON Pointer; none for the whole document. */
export function pointerNames(at: string): string[] {
  if (at === '') return [];
  const steps = at.slice(1).split('/');
  return at.includes('~') ? steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) : steps;
}
