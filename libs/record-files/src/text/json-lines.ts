import { FileFormatError } from '../file-format.js';
import type { FileRow } from '../file-row.js';
import type { RandomAccessFile } from '../random-access-file.js';
import { looksLikeOneArray, opensArray } from './array-look.js';
import { jsonRow } from './json-row.js';
import { isBlank } from './row-faults.js';
import { splitRows, type RowBoundary } from './split-rows.js';

const LINE_FEED = 0x0a;
const lineEnds: RowBoundary = { next: (bytes, from) => bytes.indexOf(LINE_FEED, from) };

/**
 * One JSON object a line. Blank lines are no rows.
 *
 * @throws FileFormatError where the file is one JSON array: as lines, it would be nothing but faults.
 */
export async function* readJsonLines(
  file: RandomAccessFile,
  from: number,
  maxRowBytes: number,
): AsyncGenerator<FileRow[], void, undefined> {
  let row = 0;
  for await (const pieces of splitRows(file, lineEnds, maxRowBytes)) {
    const rows: FileRow[] = [];
    for (const piece of pieces) {
      if (!piece.tooLong && isBlank(piece.bytes)) continue;
      if (row === 0 && opensArray(piece) && (await looksLikeOneArray(file, lineEnds, maxRowBytes))) {
        throw new FileFormatError('The file looks like one JSON array, not lines of JSON.', {
          looksLike: 'json-array',
        });
      }
      if (row >= from) rows.push(jsonRow(row, piece, maxRowBytes));
      row += 1;
    }
    yield rows;
  }
}
