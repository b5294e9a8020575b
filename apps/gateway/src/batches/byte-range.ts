import { problem } from '@tessera/http';

/** Bytes from `from` up to but not including `to`. */
export interface RequestedRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The bytes that a header `Range` asks for (RFC 9110 §14). Several ranges at once, other units and what is malformed count
 * as no range, as the RFC allows: the whole is answered then.
 *
 * @param size bytes there are.
 * @throws ProblemError `range-not-satisfiable`, whose answer tells the size (RFC 9110 §15.5.17).
 */
export function requestedRange(header: string | undefined, size: number): RequestedRange | undefined {
  const [, first = '', last = ''] = /^bytes=\s*(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    if (Number(last) === 0 || size === 0) throw unsatisfiable(size);
    return { from: Math.max(0, size - Number(last)), to: size };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return undefined;
  if (from >= size) throw unsatisfiable(size);
  return { from, to: last === '' ? size : Math.min(Number(last) + 1, size) };
}

function unsatisfiable(size: number) {
  return problem('range-not-satisfiable', {
    detail: `The file has ${size} bytes; ask for some of them.`,
    headers: { 'content-range': `bytes */${size}` },
  });
}
