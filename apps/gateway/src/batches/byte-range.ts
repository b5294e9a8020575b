import { problem } from '@tessera/http';

/** Bytes from `from` up to but not including `to`. */
export interface RequestedRange {
  readonly from: number;
  readonly to: number;
}

/** Headers that say which bytes are wanted. */
export interface RangeHeaders {
  readonly range?: string | undefined;
  readonly 'if-range'?: string | undefined;
}

/** What ranges are taken of. */
export interface RangedContent {
  /** Bytes there are. */
  readonly size: number;
  /** Strong: differs wherever a byte does; quotes included. */
  readonly etag: string;
}

/**
 * The bytes that a header `Range` asks for (RFC 9110 §14). Several ranges at once, other units and what is malformed count
 * as no range, as the RFC allows: the whole is answered then. So does a range of other content than there is, as `If-Range`
 * tells (§13.1.5): by the ETag only, since no date is given out.
 *
 * @throws ProblemError `range-not-satisfiable`, whose answer tells the size (RFC 9110 §15.5.17).
 */
export function requestedRange(headers: RangeHeaders, { size, etag }: RangedContent): RequestedRange | undefined {
  const condition = headers['if-range']?.trim();
  if (condition !== undefined && condition !== etag) return undefined;
  const [, first = '', last = ''] = /^bytes=\s*(\d*)-(\d*)$/i.exec(headers.range?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    if (Number(last) === 0 || size === 0) throw unsatisfiable(size);
    return { from: Math.max(0, size - Number(last)), to: size };
  }
  if (last !== '' && BigInt(last) < BigInt(first)) return undefined;
  const from = Number(first);
  if (from >= size) throw unsatisfiable(size);
  return { from, to: last === '' ? size : Math.min(Number(last) + 1, size) };
}

function unsatisfiable(size: number) {
  return problem('range-not-satisfiable', {
    detail: `The file has ${size} bytes; ask for some of them.`,
    headers: { 'content-range': `bytes */${size}` },
  });
}
