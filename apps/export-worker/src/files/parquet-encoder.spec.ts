import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import { ExportColumns, isJsonObject } from '@tessera/domain';
import { queryParquet, readParquet } from '@tessera/testing';
import { ParquetEncoder } from './parquet-encoder.js';

const text = { type: 'string' };
const union: JsonObject = {
  type: 'object',
  properties: {
    _id: text,
    name: { type: 'object', properties: { first: text, last: text } },
    age: { type: 'integer' },
    height: { type: 'number' },
    member: { type: ['boolean', 'null'] },
    born: { type: 'string', format: 'date' },
    seen: { type: 'string', format: 'date-time' },
    tags: { type: 'array', items: text },
    orders: { type: 'array', items: { type: 'object', properties: { sku: text, count: { type: 'integer' } } } },
    scores: { type: 'object', additionalProperties: { type: 'number' } },
    anything: {},
  },
};
const noEvents: JsonObject = { type: 'object', properties: {} };
const columns = new ExportColumns({ people: {} }, union, noEvents);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-parquet-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(
  rows: readonly JsonObject[],
  limits = { rows: 7, weight: 1_000_000 },
  of = columns,
): Promise<string> {
  const encoder = new ParquetEncoder(of, limits);
  const chunks: Uint8Array[] = [];
  for (const profile of rows) {
    encoder.add({ profile, weight: 1 });
    chunks.push(encoder.take());
  }
  chunks.push(encoder.end());
  const path = join(folder, 'rows.parquet');
  await writeFile(path, Buffer.concat(chunks));
  return path;
}

/** A leaf that some column types fit and others do not. */
const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '1815-12-10', '2026-01-02T03:04:05.678Z', ''),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc.boolean(),
);
const value = fc.oneof(
  leaf,
  fc.array(leaf, { minLength: 1, maxLength: 3 }),
  fc.dictionary(fc.constantFrom('first', 'last', 'other', '__proto__', 'constructor'), leaf, { minKeys: 1 }),
  fc.array(fc.dictionary(fc.constantFrom('sku', 'count', 'more'), leaf, { minKeys: 1 }), {
    minLength: 1,
    maxLength: 3,
  }),
);
const names = Object.keys(union['properties'] as JsonObject);
const row = fc
  .dictionary(fc.constantFrom(...names, 'unknown', 'untypedFields', 'eventList'), value, { minKeys: 1 })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as JsonObject);

/** What DuckDB's own texts for some types stand for. */
function asWritten(name: string, read: JsonValue): JsonValue {
  if (name === 'anything') return JSON.parse(read as string) as JsonValue;
  if (name === 'age' && typeof read === 'string' && /^-?\d+$/.test(read)) return Number(read);
  if (name === 'seen' && typeof read === 'string' && !read.includes('T')) return new Date(read).toISOString();
  if (name === 'orders' && Array.isArray(read)) {
    return read.map((item) => {
      if (!isJsonObject(item) || typeof item['count'] !== 'string') return item;
      return { ...item, count: Number(item['count']) };
    });
  }
  return read;
}

describe('Parquet files', () => {
  it('hold every row as it was, typed as far as it fits, in the eyes of DuckDB', async () => {
    const hasText = (given: JsonValue | undefined): boolean => typeof given === 'string';
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        // Texts that only look like another type cannot be told from what DuckDB shows.
        const plain = rows.filter(({ age, seen, orders }) => !hasText(age) && !hasText(seen) && !Array.isArray(orders));
        if (plain.length === 0) return;
        const read = await readParquet(await written(plain));
        expect(read).toHaveLength(plain.length);
        for (const [index, expected] of plain.entries()) {
          const found = Object.entries(read[index] ?? {}).map(
            ([name, field]) => [name, asWritten(name, field)] as const,
          );
          expect(JSON.parse(JSON.stringify(Object.fromEntries(found)))).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('have columns of the types that the schema names', async () => {
    const seen = '2026-01-02T03:04:05.678Z';
    const orders = [{ sku: 'a', count: 2 }, { sku: 'b' }];
    const rows = [
      { age: 36, height: 1.5, member: true, born: '1815-12-10', seen, tags: ['a', 'b'], orders, scores: { x: 0.5 } },
      { age: 'old', anything: { deep: [1] } },
    ] as unknown as JsonObject[];
    const path = await written(rows);
    const types = await queryParquet(`DESCRIBE SELECT * FROM '${path}'`);
    expect(Object.fromEntries(types.map((column) => [column['column_name'], column['column_type']]))).toMatchObject({
      name: expect.stringMatching(/^STRUCT\(/) as string,
      age: 'BIGINT',
      height: 'DOUBLE',
      member: 'BOOLEAN',
      born: 'DATE',
      seen: 'TIMESTAMP WITH TIME ZONE',
      tags: 'VARCHAR[]',
      orders: 'STRUCT(sku VARCHAR, count BIGINT)[]',
      scores: 'MAP(VARCHAR, DOUBLE)',
      anything: 'VARCHAR',
      untypedFields: 'VARCHAR',
    });
    const [first, second] = await queryParquet(
      `SELECT age + 1 AS next, year(born) AS year, len(tags) AS tags, orders[1].count AS count, scores['x'] AS x, untypedFields FROM '${path}'`,
    );
    expect(first).toEqual({ next: '37', year: '1815', tags: '2', count: '2', x: 0.5, untypedFields: null });
    expect(second).toMatchObject({ next: null, untypedFields: '{"age":"old"}' });
  });

  it('have typed maps also where fields name only some of their keys', async () => {
    const fields = 'scores.x,segmentMembership.ups';
    const rows = [
      { scores: { x: 0.5 }, segmentMembership: { ups: { vip: { status: 'realized' } } } },
      { segmentMembership: { ups: {} } },
    ] as JsonObject[];
    const path = await written(rows, undefined, new ExportColumns({ fields, people: {} }, union, noEvents));
    const [first, second] = await queryParquet(
      `SELECT scores['x'] + 1 AS next, segmentMembership['ups']['vip'].status AS status, untypedFields FROM '${path}'`,
    );
    expect(first).toEqual({ next: 1.5, status: 'realized', untypedFields: null });
    expect(second).toEqual({ next: null, status: null, untypedFields: null });
  });

  it('end a row group when it has enough rows, or weighs enough', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({ age: index }));
    const groups = async (path: string): Promise<number> => {
      const counted = await queryParquet(`SELECT count(DISTINCT row_group_id) AS n FROM parquet_metadata('${path}')`);
      return Number(counted[0]?.['n']);
    };
    expect(await groups(await written(rows, { rows: 7, weight: 1_000 }))).toBe(3);
    expect(await groups(await written(rows, { rows: 100, weight: 5 }))).toBe(4);
  });
});
