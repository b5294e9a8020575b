import { parquetMetadataAsync, parquetSchema, type FileMetaData, type RowGroup } from 'hyparquet';
import { FileFormatError } from '../file-format.js';
import type { FileRow } from '../file-row.js';
import type { RandomAccessFile } from '../random-access-file.js';
import { rowReader, type RowNotes } from './assembly.js';
import { bytesOf, SourceError } from './column-bytes.js';
import { ColumnCursor } from './column-cursor.js';
import { leavesOf, type Leaf } from './leaf.js';

/** Rows put together at a time. */
const STEP = 500;
/** Bytes of the description at the end of the file: row groups times columns. */
const MAX_FOOTER_BYTES = 32 * 1024 * 1024;
const MAGIC = 'PAR1';
/** "PAR1" at both ends, and the length of the description before the second one. */
const AROUND_FOOTER_BYTES = 12;

/**
 * Rows of an Apache Parquet file. A page of each column is held at a time, however large the row groups are.
 *
 * @throws FileFormatError for what is not Parquet, is damaged, or holds what JSON has nothing for.
 */
export async function* readParquet(
  file: RandomAccessFile,
  from: number,
  maxRowBytes: number,
): AsyncGenerator<FileRow[], void, undefined> {
  try {
    const metadata = await metadataOf(file);
    const leaves = leavesOf(parquetSchema(metadata));
    let start = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      if (start + rows > from)
        yield* rowsOf(file, metadata, leaves, group, start, Math.max(0, from - start), maxRowBytes);
      start += rows;
    }
  } catch (error) {
    if (error instanceof SourceError) throw error.cause;
    if (error instanceof FileFormatError) throw error;
    throw new FileFormatError('The Parquet file is damaged or uses features that are not known: write it anew.', {
      cause: error,
    });
  }
}

async function* rowsOf(
  file: RandomAccessFile,
  metadata: FileMetaData,
  leaves: readonly Leaf[],
  group: RowGroup,
  groupStart: number,
  skipped: number,
  maxRowBytes: number,
): AsyncGenerator<FileRow[], void, undefined> {
  const cursors = leaves.map((leaf, index) => {
    const { meta_data: column, file_path: elsewhere } = group.columns[index] ?? {};
    if (column === undefined || elsewhere) throw new Error('a column is not in the file');
    return new ColumnCursor(file, leaf, column);
  });
  const read = rowReader(parquetSchema(metadata), cursors);
  const rows = Number(group.num_rows);
  for (let done = 0; done < rows;) {
    const skipping = done < skipped;
    const step = Math.min(STEP, (skipping ? skipped : rows) - done);
    for (const cursor of cursors) await cursor.prepare(step);
    if (skipping) for (const cursor of cursors) cursor.skipRows(step);
    else yield Array.from({ length: step }, (_, index) => rowOf(groupStart + done + index, read, maxRowBytes));
    done += step;
  }
}

function rowOf(row: number, read: ReturnType<typeof rowReader>, maxRowBytes: number): FileRow {
  const notes: RowNotes = { size: 0, fault: undefined };
  const record = read(notes);
  if (notes.fault !== undefined) {
    const { column, reason, message } = notes.fault;
    return { row, reason, fault: { path: pointerTo(column), message: `the value is ${message}` }, record };
  }
  if (notes.size <= maxRowBytes) return { row, record };
  const message = `the row is longer than ${maxRowBytes} bytes; split the record`;
  return { row, reason: 'too-large', fault: { path: '', message } };
}

function pointerTo(column: readonly string[]): string {
  return column.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

async function metadataOf(file: RandomAccessFile): Promise<FileMetaData> {
  const notParquet = 'The file is not a Parquet file, or not all of it: it must begin and end with "PAR1".';
  if (file.size < AROUND_FOOTER_BYTES) throw new FileFormatError(notParquet);
  const [start, end] = await Promise.all([bytesOf(file, 0, 4), bytesOf(file, file.size - 8, file.size)]);
  if (end.toString('latin1', 4) === 'PARE')
    throw new FileFormatError('The Parquet file is encrypted: decrypt it first.');
  if (start.toString('latin1') !== MAGIC || end.toString('latin1', 4) !== MAGIC) throw new FileFormatError(notParquet);
  const footerBytes = end.readUInt32LE(0);
  if (footerBytes > file.size - AROUND_FOOTER_BYTES) {
    throw new FileFormatError(
      'The Parquet file is damaged or cut: the description at its end does not fit into it. Write or copy it anew.',
    );
  }
  if (footerBytes > MAX_FOOTER_BYTES) {
    throw new FileFormatError('The Parquet file has too many row groups and columns: write larger row groups.');
  }
  const buffer = {
    byteLength: file.size,
    slice: async (from: number, to = file.size) => copyOf(await bytesOf(file, from, to)),
  };
  return parquetMetadataAsync(buffer, { geoparquet: false });
}

function copyOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
