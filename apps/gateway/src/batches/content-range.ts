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

/**
 * Reads the header `Content-Range` (RFC 9110 §14.4).
 *
 * @throws ProblemError `malformed-request`, or `range-not-acceptable` for a part that ends beyond the size it announces.
 */
export function contentRangeOf(header: string | undefined): ContentRange {
  const [, first, last, total] = form.exec(header?.trim() ?? '') ?? [];
  const start = Number(first);
  const size = Number(last) - start + 1;
  if (first === undefined || size <= 0) {
    throw problem('malformed-request', {
      detail: 'A part needs the header Content-Range: bytes <first>-<last>/<total>, such as bytes 0-1023/4096.',
    });
  }
  if (total !== '*' && start + size > Number(total)) {
    throw problem('range-not-acceptable', {
      detail: `The part ends with byte ${last}, which lies beyond the announced size of ${total} bytes; the first byte is byte 0.`,
    });
  }
  return { start, size, ...(total !== '*' && { total: Number(total) }) };
}
