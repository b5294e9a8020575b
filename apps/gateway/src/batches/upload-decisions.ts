import { firstGap, placePart, type ByteSpan } from '@tessera/domain';
import { problem, type ProblemError } from '@tessera/http';
import type { BatchFile, BatchFileContent, FilePart } from '@tessera/stores';

/** Parts of one file at most, as S3 has it. */
const MOST_PARTS = 10_000;

/**
 * A file with one more part.
 *
 * @param total bytes of the whole file, where the request says so.
 * @throws ProblemError `unknown-batch-file`, `upload-not-open`, `range-not-acceptable`.
 */
export function withPart(
  file: BatchFile | undefined,
  path: string,
  part: FilePart,
  total: number | undefined,
): BatchFileContent {
  const current = openFile(file, path);
  const whole = current.total ?? total;
  if (total !== undefined && total !== whole) {
    throw refusedRange(`The file was announced with ${whole} bytes, now with ${total}. Send INITIALIZE to begin anew.`);
  }
  const end = Math.max(part.start + part.size, ...current.parts.slice(-1).map(({ start, size }) => start + size));
  if (whole !== undefined && end > whole) throw refusedRange(`The file has only ${whole} bytes.`);
  const placement = placePart(current.parts, part);
  if (placement.kind === 'overlapping') {
    throw refusedRange(
      `The range overlaps ${boundsOf(placement.part)}. Send those bounds again to replace the part, or INITIALIZE.`,
    );
  }
  if (placement.parts.length > MOST_PARTS) {
    throw refusedRange(`A file has ${MOST_PARTS} parts at most. Send INITIALIZE and then larger parts.`);
  }
  return { parts: placement.parts, state: 'open', total: whole };
}

/** A file whose parts are all there. @throws ProblemError `unknown-batch-file`, `upload-incomplete`. */
export function completed(file: BatchFile | undefined, path: string): BatchFileContent {
  if (file === undefined) throw unknownFile(path);
  const gap = firstGap(file.parts, file.total);
  if (gap !== undefined) {
    throw problem('upload-incomplete', { detail: `The file is not complete: ${boundsOf(gap)} are missing.` });
  }
  return { parts: file.parts, state: 'complete', total: file.total };
}

function openFile(file: BatchFile | undefined, path: string): BatchFile {
  if (file === undefined) throw unknownFile(path);
  if (file.state === 'open') return file;
  throw problem('upload-not-open', { detail: 'The file is complete. Send INITIALIZE to begin it anew.' });
}

/** @param path as the client gave it. */
export function unknownFile(path: string): ProblemError {
  return problem('unknown-batch-file', {
    detail: `The batch has no file ${path.slice(0, 256)}. A file in parts begins with POST …?action=INITIALIZE.`,
  });
}

function refusedRange(detail: string): ProblemError {
  return problem('range-not-acceptable', { detail });
}

function boundsOf({ start, size }: ByteSpan): string {
  return `bytes ${start}-${start + size - 1}`;
}
