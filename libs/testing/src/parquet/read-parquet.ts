import type { JsonObject, JsonValue } from '@tessera/contracts';

/** The column, of rows and of objects below them, that holds as JSON text what has no type. */
const UNTYPED = 'untypedFields';

/** The rows of a file of an export as DuckDB, which has nothing in common with their writer, reads them. */
export async function readParquet(path: string): Promise<JsonObject[]> {
  const rows = await queryParquet(`SELECT * FROM '${path}'`);
  return rows.map((row) => plain(row) as JsonObject);
}

/** What DuckDB answers, as JSON. Loaded when it is needed: it is large. */
export async function queryParquet(sql: string): Promise<JsonObject[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJson();
  } finally {
    instance.closeSync();
  }
}

/** A value as it was before its columns were made: without nulls, maps as objects, and what was untyped put over it. */
function plain(value: JsonValue): JsonValue | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    if (isMap(value)) {
      const map = Object.create(null) as JsonObject;
      for (const entry of value) map[entry['key'] as string] = plain(entry['value'] ?? null) ?? null;
      return map;
    }
    return value.map((item) => plain(item) ?? null);
  }
  if (!isJsonObject(value)) return value;
  const object = Object.create(null) as JsonObject;
  for (const [name, field] of Object.entries(value)) {
    const below = plain(field);
    if (below !== undefined && name !== UNTYPED) object[name] = below;
  }
  const rest = value[UNTYPED];
  return typeof rest === 'string' ? over(object, JSON.parse(rest) as JsonObject) : object;
}

function isMap(items: readonly JsonValue[]): items is JsonObject[] {
  return (
    items.length > 0 && items.every((item) => isJsonObject(item) && Object.keys(item).sort().join() === 'key,value')
  );
}

/** Objects key by key; anything else replaces. */
function over(below: JsonObject, above: JsonObject): JsonObject {
  for (const [name, value] of Object.entries(above)) {
    const known = below[name];
    below[name] = isJsonObject(known) && isJsonObject(value) ? over(known, value) : value;
  }
  return below;
}

function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
