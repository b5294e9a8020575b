import { FileFormatError } from '../file-format.js';
import type { FileRow } from '../file-row.js';
import type { RandomAccessFile } from '../random-access-file.js';
import { cellsOf, CsvRowEnds, type CsvFault } from './csv-cells.js';
import { recordOfCells, type RecordOfCells } from './csv-header.js';
import { faultyRow, isBlank, unreadableText } from './row-faults.js';
import { splitRows, type Piece } from './split-rows.js';

interface Header {
  readonly columns: number;
  readonly record: RecordOfCells;
}

const faultMessages: Readonly<Record<CsvFault, string>> = {
  'quote-in-plain-cell':
    'a cell without quotes around it has a quote within; put the cell in quotes and double those within',
  'text-after-quoted-cell': 'a cell goes on after its closing quote; double the quotes within a cell',
};

/**
 * CSV (RFC 4180, separated by commas) whose header names the fields. Blank lines are no rows; nor is the header.
 *
 * @throws FileFormatError for a missing or impossible header, and for a quote that is never closed.
 */
export async function* readCsv(
  file: RandomAccessFile,
  from: number,
  maxRowBytes: number,
): AsyncGenerator<FileRow[], void, undefined> {
  const ends = new CsvRowEnds();
  let header: Header | undefined;
  let row = 0;
  for await (const pieces of splitRows(file, ends, maxRowBytes)) {
    const rows: FileRow[] = [];
    for (const piece of pieces) {
      if (!piece.tooLong && isBlank(piece.bytes)) continue;
      if (header === undefined) {
        header = headerOf(piece, maxRowBytes);
        continue;
      }
      if (piece.separator === undefined && ends.inQuotes) {
        yield rows;
        throw new FileFormatError(
          `The quote that row ${row} (the first is 0) or a row after it opens is never closed.`,
        );
      }
      if (row >= from) rows.push(rowOf(row, piece, header, maxRowBytes));
      row += 1;
    }
    yield rows;
  }
  if (header === undefined) throw new FileFormatError('The CSV file is empty: its first line must name the fields.');
}

function headerOf(piece: Piece, maxRowBytes: number): Header {
  const unreadable = unreadableText(0, piece, maxRowBytes);
  if (unreadable !== undefined)
    throw new FileFormatError(`The CSV header cannot be read: ${unreadable.fault.message}.`);
  const names = cellsOf(piece.bytes);
  if (typeof names === 'string') throw new FileFormatError(`The CSV header cannot be read: ${faultMessages[names]}.`);
  return { columns: names.length, record: recordOfCells(names) };
}

function rowOf(row: number, piece: Piece, header: Header, maxRowBytes: number): FileRow {
  const unreadable = unreadableText(row, piece, maxRowBytes);
  if (unreadable !== undefined) return unreadable;
  const cells = cellsOf(piece.bytes);
  if (typeof cells === 'string') return faultyRow(row, 'malformed-message', faultMessages[cells], piece.bytes);
  if (cells.length !== header.columns) {
    const message = `the row has ${cells.length} cells, but the header names ${header.columns}`;
    return faultyRow(row, 'malformed-message', message, piece.bytes);
  }
  return { row, record: header.record(cells) };
}
