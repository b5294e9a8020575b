/** How a field is compared with a value. */
export type PropertyOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A condition on one field of an event (spec 06-entities, `property`). */
export interface PropertyFilter {
  /** Names from the event's body down; through arrays, of every element. */
  readonly path: readonly string[];
  readonly operator: PropertyOperator;
  /** Text that is an ISO 8601 date is compared as a date where the field is one too. */
  readonly value: string | number | boolean;
}

/** Bounds of the filters of one request (spec 06-entities). */
export const propertyFilterLimits = { maxFilters: 3, maxLength: 4_000 } as const;

/** A `property` filter that cannot be read. */
export class PropertyFilterError extends Error {
  override readonly name = 'PropertyFilterError';

  /**
   * @param filter the filter as given.
   * @param fault what is wrong with it and what to do about it.
   */
  constructor(
    readonly filter: string,
    readonly fault: string,
  ) {
    super(fault);
  }
}
