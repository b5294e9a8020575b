import { readRows, type FileFormat, type FileRow, type RandomAccessFile } from '@tessera/record-files';
import { CommandError } from '../command/command.js';

/** The hard limit of a record (spec 02-conventions); the gateway says more exactly. */
const MAX_ROW_BYTES = 1_048_576;

/** The file was never as long as the row to begin with says: there is no row to go on with. */
export class BeyondEndError extends CommandError {}

/**
 * The rows of a file from one on. There are none where it is the one after the last: all were sent before.
 *
 * @throws BeyondEndError when the file is shorter still. @throws FileFormatError as `readRows` does.
 */
export async function* rowsFrom(
  file: RandomAccessFile,
  format: FileFormat,
  from: number,
): AsyncGenerator<readonly FileRow[], void, undefined> {
  // The row before tells a file that is done with from one that is too short.
  const first = Math.max(0, from - 1);
  let reached = from === 0;
  for await (const rows of readRows(file, format, { from: first, maxRowBytes: MAX_ROW_BYTES })) {
    reached ||= rows.length > 0;
    yield rows.filter(({ row }) => row >= from);
  }
  if (!reached) {
    throw new BeyondEndError(`The file ends before row ${from}, where --from begins. The first row is 0.`);
  }
}
