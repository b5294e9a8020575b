/** The keywords of JSON Schema (draft 7) that say what is valid, by what their value is. All others are annotations. */

/** Plain values. */
export const plainKeywords = [
  'type',
  'enum',
  'const',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'format',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
  'required',
] as const;

/** One schema for the value itself. */
export const inPlaceKeywords = ['not', 'if', 'then', 'else'] as const;
/** A list of schemas for the value itself. */
export const inPlaceLists = ['allOf', 'anyOf', 'oneOf'] as const;
/** One schema for each of some values inside. */
export const insideKeywords = ['additionalProperties', 'propertyNames', 'contains', 'additionalItems'] as const;
/** Schemas by name or pattern for values inside. */
export const insideMaps = ['properties', 'patternProperties'] as const;

/** Formats that are checked; a format not named here says nothing about validity (JSON Schema draft 7, validation §7). */
export const checkedFormats = [
  'date',
  'date-time',
  'time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'json-pointer',
  'uri',
  'uri-reference',
  'uuid',
] as const;
