import { problem } from '@tessera/http';

/** The bytes of a file that a request carries. */
export interface ContentRange {
  /** Place of the first byte. */
  readonly start: number;
  /** Bytes; at least one. */
  readonly size: number;
  /** Bytes of the whole file, where the client knows. */
  readonly total?: number;
}

const form = /^bytes[ =](\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i;

/** Reads the header `Content-Range` (RFC 9110 §14.4). @throws ProblemError `malformed-request`. */
export function contentRangeOf(header: string | undefined): ContentRange {
  const [, first, last, total] = form.exec(header?.trim() ?? '') ?? [];
  const start = Number(first);
  const size = Number(last) - start + 1;
  const isRange = first !== undefined && size > 0 && (total === '*' || start + size <= Number(total));
  if (!isRange) {
    throw problem('malformed-request', {
      detail: 'A part needs the header Content-Range: bytes <first>-<last>/<total>, such as bytes 0-1023/4096.',
    });
  }
  return { start, size, ...(total !== '*' && { total: Number(total) }) };
}
