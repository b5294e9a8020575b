import { parse } from 'node:querystring';

/** A query parameter's schema; `type` decides how its text is read. */
export interface ParameterSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

/**
 * Reads a query string into an object without a prototype. Repeated equal parameters count once (spec 02-conventions,
 * "Paging"); repeated different ones stay an array, for the schema to accept or refuse.
 */
export function parseQuery(text: string): Record<string, string | string[]> {
  const query = parse(text, '&', '=', { maxKeys: 0 }) as Record<string, string | string[]>;
  for (const name in query) {
    const value = query[name];
    if (!Array.isArray(value)) continue;
    const [first = '', ...others] = new Set(value);
    query[name] = others.length === 0 ? first : [first, ...others];
  }
  return query;
}

/**
 * Gives parameters the type their schema names, where their text is such a value: whole numbers in digits, booleans in any
 * case, one value of a list as a list. Other text stays text, so that the schema refuses it.
 */
export function readParameters(
  query: Record<string, unknown>,
  schemas: Readonly<Record<string, ParameterSchema>>,
): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const value = query[name];
    if (typeof value === 'string') query[name] = readParameter(value, schema.type);
  }
}

function readParameter(text: string, type: ParameterSchema['type']): unknown {
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'number') return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;
  return type === 'array' ? [text] : text;
}
