import type { ColumnMetaData, DecodedArray, PageHeader } from 'hyparquet';
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import type { JsonValue } from '@tessera/contracts';
import { decompressed } from './codecs.js';
import type { ValueFault } from './convert.js';
import type { Leaf } from './leaf.js';
import { readRuns, type PageBytes } from './runs.js';

/** Values of a column in their order. Each is decoded when it is asked for: a page may hold a hundred thousand. */
export interface ValueReader {
  next(): JsonValue | ValueFault;
  skip(): void;
}

/** What of a column one page says. */
export interface Page {
  /** Values and gaps. */
  readonly entries: number;
  /** How much of the field's path is there, of each entry; undefined: all of it. */
  readonly definitions: Uint8Array | undefined;
  /** Which repeated field of the path goes on with this entry, 0 for a new row; undefined: each is a new row. */
  readonly repetitions: Uint8Array | undefined;
  readonly values: ValueReader;
}

export type Dictionary = readonly (JsonValue | ValueFault)[];

/** Entries of a page that are decoded at most: a few bytes can announce billions of gaps. */
const MAX_ENTRIES = 16_000_000;

export function dictionaryOf(header: PageHeader, bytes: Uint8Array, leaf: Leaf, column: ColumnMetaData): Dictionary {
  const page = decompressed(bytes, header.uncompressed_page_size, column.codec);
  const count = entriesOf(header.dictionary_page_header?.num_values);
  const values = readPlain(readerOf(page), column.type, count, leaf.node.element.type_length);
  return Array.from(values as ArrayLike<unknown>, leaf.convert);
}

/** A data page of the first version: everything in it is compressed, and levels say their length. */
export function pageOf(
  header: PageHeader,
  bytes: Uint8Array,
  leaf: Leaf,
  column: ColumnMetaData,
  dictionary: Dictionary | undefined,
): Page {
  const { data_page_header: first, data_page_header_v2: second } = header;
  if (second !== undefined) return secondPageOf(header, second, bytes, leaf, column, dictionary);
  if (first === undefined) throw new Error('a data page without its header');
  const reader = readerOf(decompressed(bytes, header.uncompressed_page_size, column.codec));
  const entries = entriesOf(first.num_values);
  const repetitions = levels(reader, leaf.maxRepetition, entries);
  const definitions = levels(reader, leaf.maxDefinition, entries);
  const count = present(definitions, leaf.maxDefinition, entries);
  return { entries, definitions, repetitions, values: values(reader, first.encoding, count, leaf, column, dictionary) };
}

/** A data page of the second version: levels come first, not compressed, with their lengths in the header. */
function secondPageOf(
  header: PageHeader,
  second: NonNullable<PageHeader['data_page_header_v2']>,
  bytes: Uint8Array,
  leaf: Leaf,
  column: ColumnMetaData,
  dictionary: Dictionary | undefined,
): Page {
  const { repetition_levels_byte_length: repetitionBytes, definition_levels_byte_length: definitionBytes } = second;
  const entries = entriesOf(second.num_values);
  const levelBytes = repetitionBytes + definitionBytes;
  // Not a number where a header leaves one out.
  if (!(repetitionBytes >= 0 && definitionBytes >= 0 && levelBytes <= bytes.length)) {
    throw new Error('a page without the lengths of its levels');
  }
  const reader = readerOf(bytes);
  const repetitions = levels(reader, leaf.maxRepetition, entries, repetitionBytes);
  reader.offset = repetitionBytes;
  const definitions = levels(reader, leaf.maxDefinition, entries, definitionBytes);
  const codec = second.is_compressed === false ? 'UNCOMPRESSED' : column.codec;
  const page = decompressed(bytes.subarray(levelBytes), header.uncompressed_page_size - levelBytes, codec);
  const count = present(definitions, leaf.maxDefinition, entries);
  return {
    entries,
    definitions,
    repetitions,
    values: values(readerOf(page), second.encoding, count, leaf, column, dictionary),
  };
}

function levels(reader: PageBytes, max: number, entries: number, length?: number): Uint8Array | undefined {
  if (max === 0) return undefined;
  const found = new Uint8Array(entries);
  readRuns(reader, bitsOf(max), found, length);
  return found;
}

function present(definitions: Uint8Array | undefined, max: number, entries: number): number {
  if (definitions === undefined) return entries;
  let count = 0;
  for (const definition of definitions) if (definition === max) count += 1;
  return count;
}

function values(
  reader: PageBytes,
  encoding: string,
  count: number,
  leaf: Leaf,
  { type }: ColumnMetaData,
  dictionary: Dictionary | undefined,
): ValueReader {
  const length = leaf.node.element.type_length;
  switch (encoding) {
    case 'PLAIN':
      if (type === 'BYTE_ARRAY') return plainBytes(reader, leaf);
      return converted(readPlain(reader, type, count, length), leaf);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      const width = count === 0 ? 0 : reader.view.getUint8(reader.offset++);
      const indexes = new Uint32Array(count);
      if (width > 32) throw new Error('a page with impossible indexes');
      if (width > 0) readRuns(reader, width, indexes, reader.view.byteLength - reader.offset);
      return looked(indexes, dictionary ?? []);
    }
    case 'RLE': {
      const flags = new Uint8Array(count);
      readRuns(reader, 1, flags);
      return converted(Array.from(flags, Boolean), leaf);
    }
    case 'DELTA_BINARY_PACKED': {
      const found = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
      checkDeltas(reader);
      if (count > 0) deltaBinaryUnpack(reader, count, found);
      return converted(found, leaf);
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      const found = new Array<Uint8Array>(count);
      const unpack = encoding === 'DELTA_BYTE_ARRAY' ? deltaByteArray : deltaLengthByteArray;
      checkDeltas(reader);
      if (count > 0) unpack(reader, count, found);
      return converted(found, leaf);
    }
    case 'BYTE_STREAM_SPLIT':
      return converted(byteStreamSplit(reader, count, type, length), leaf);
    default:
      throw new Error(`a page in the unknown encoding ${encoding}`);
  }
}

/** @throws Error for blocks of a size that would lead the reader back to where it was, again and again. */
function checkDeltas({ view, offset }: PageBytes): void {
  const reader = { view, offset };
  const [size, parts] = [readVarInt(reader), readVarInt(reader)];
  if (size <= 0 || parts <= 0 || size % parts !== 0) throw new Error('a page with impossible blocks');
}

function converted(found: DecodedArray, { convert }: Leaf): ValueReader {
  let index = 0;
  return {
    next: () => {
      if (index >= found.length) throw new Error('a page has fewer values than it announces');
      return convert(found[index++]);
    },
    skip: () => void (index += 1),
  };
}

function looked(indexes: Uint32Array, dictionary: Dictionary): ValueReader {
  let index = 0;
  return {
    next: () => {
      const value = dictionary[indexes[index++] ?? dictionary.length];
      if (value === undefined) throw new Error('a page names a value that its dictionary does not have');
      return value;
    },
    skip: () => void (index += 1),
  };
}

/** Each value after its length: no need to find them all at once. */
function plainBytes({ view, offset }: PageBytes, { convert }: Leaf): ValueReader {
  const page = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let at = offset;
  const next = (): Uint8Array => {
    const start = at + 4;
    at = start + view.getUint32(at, true);
    if (at > page.length) throw new Error('a value goes beyond its page');
    return page.subarray(start, at);
  };
  return { next: () => convert(next()), skip: () => void next() };
}

function readerOf(bytes: Uint8Array): PageBytes {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

function entriesOf(announced: number | undefined): number {
  if (announced === undefined || announced < 0 || announced > MAX_ENTRIES) throw new Error('a page of impossible size');
  return announced;
}

function bitsOf(max: number): number {
  return 32 - Math.clz32(max);
}
