import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import type { FileFormat } from '@tessera/record-files';
import type { SchemaElement } from 'hyparquet';
import { fileWriter, parquetWriteRows } from 'hyparquet-writer';
import { csvColumns, personRows } from './person-rows.js';

/** Rows of text written at a time. */
const CHUNK_ROWS = 1_000;

export interface GenerateOptions {
  readonly file: string;
  readonly format: FileFormat;
  readonly rows: number;
  /** Rows of a row group of Parquet. */
  readonly rowGroupSize: number;
}

/** Writes a file of made-up people in memory that does not depend on how many. The same options give the same file. */
export async function writeRows({ file, format, rows, rowGroupSize }: GenerateOptions): Promise<void> {
  if (format === 'parquet') {
    const columns = ['identityMap', 'person', 'homeAddress', 'loyalty', 'note'].map((name) => ({ name }));
    // Every piece is written before the next row group is made: the file is written synchronously.
    await parquetWriteRows({
      writer: fileWriter(file),
      rows: personRows(rows),
      columns,
      schema: parquetSchema,
      rowGroupSize,
    });
    return;
  }
  await pipeline(Readable.from(texts[format](rows)), createWriteStream(file));
}

const texts: Readonly<Record<Exclude<FileFormat, 'parquet'>, (rows: number) => Generator<string>>> = {
  json: (rows) => chunked(linesOf(rows, (row) => `${JSON.stringify(row)}\n`)),
  csv: function* (rows) {
    yield `${csvColumns.join(',')}\n`;
    yield* chunked(linesOf(rows, csvLine));
  },
  'json-array': function* (rows) {
    yield '[\n';
    let separator = '';
    for (const text of chunked(linesOf(rows, (row) => `,\n${JSON.stringify(row)}`))) {
      yield separator === '' ? text.slice(2) : text;
      separator = ',';
    }
    yield '\n]\n';
  },
};

function* linesOf(rows: number, write: (row: JsonObject) => string): Generator<string, void, undefined> {
  for (const row of personRows(rows)) yield write(row);
}

function* chunked(lines: Iterable<string>): Generator<string, void, undefined> {
  let chunk: string[] = [];
  for (const line of lines) {
    chunk.push(line);
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk.join('');
    chunk = [];
  }
  if (chunk.length > 0) yield chunk.join('');
}

function csvLine(row: JsonObject): string {
  const cells = csvColumns.map((column) => {
    const value = column.split(/[.[\]]+/).reduce<JsonValue | undefined>(memberOf, row);
    const text = typeof value === 'object' ? '' : String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\n`;
}

function memberOf(value: JsonValue | undefined, step: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonObject)[step] : undefined;
}

const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'OPTIONAL',
});
const group = (name: string, ...members: SchemaElement[][]): SchemaElement[] => [
  { name, num_children: members.length, repetition_type: 'OPTIONAL' },
  ...members.flat(),
];
const identities = (namespace: string): SchemaElement[] => [
  { name: namespace, num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  ...group('element', [text('id')], [{ name: 'primary', type: 'BOOLEAN', repetition_type: 'OPTIONAL' }]),
];
const parquetSchema: SchemaElement[] = [
  { name: 'root', num_children: 5 },
  ...group('identityMap', identities('Email'), identities('Phone')),
  ...group('person', group('name', [text('firstName')], [text('lastName')]), [text('birthDate')]),
  ...group('homeAddress', [text('city')], [text('postalCode')]),
  ...group('loyalty', [{ name: 'points', type: 'INT32', repetition_type: 'OPTIONAL' }], [text('tier')]),
  text('note'),
];
