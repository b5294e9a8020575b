import type { Type } from './type.js';

/** What names and `$1` mean at a place, before there is data. */
export interface TypeScope {
  readonly about: Type;
  /** Absent where no element is looked at. */
  readonly element: Type | undefined;
  readonly variables: ReadonlyMap<string, Type>;
}

export function within(element: Type, scope: TypeScope): TypeScope {
  return { ...scope, about: element, element };
}

export function bound(scope: TypeScope, name: string, type: Type): TypeScope {
  return { ...scope, variables: new Map(scope.variables).set(name, type) };
}
