/** The characters of XIDs in the order in which texts are compared. */
const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const PREFIXES = ALPHABET.length ** 2;

/** XIDs larger than one bound and smaller than another. No XID equals a bound, as bounds are only beginnings of XIDs. */
export interface XidRange {
  /** Empty: from the smallest XID on. */
  readonly after: string;
  /** Absent: up to the largest XID. */
  readonly before?: string;
}

/**
 * Divides all XIDs into ranges, in order, that hold about equally many of any tenant's: XIDs are digests, spread evenly,
 * so nothing has to be read to tell where a range begins.
 *
 * @param count ranges wanted, from 1 to 4,096.
 */
export function xidRanges(count: number): XidRange[] {
  if (!Number.isInteger(count) || count < 1 || count > PREFIXES) throw new RangeError('no such number of ranges');
  const bounds = Array.from({ length: count }, (_, index) => bound(Math.round((index * PREFIXES) / count)));
  return bounds.map((after, index) => {
    const before = bounds[index + 1];
    return { after, ...(before !== undefined && { before }) };
  });
}

/** Part of all XIDs that lie in {@link xidSample}, from 0 to 1. */
export const XID_SAMPLE_SHARE = 1 / ALPHABET.length;

/** A range that holds a small, known share of any tenant's XIDs, to estimate their number by. */
export const xidSample: XidRange = { after: 'M', before: 'N' };

function bound(prefix: number): string {
  if (prefix === 0) return '';
  return `${ALPHABET[Math.floor(prefix / ALPHABET.length)]}${ALPHABET[prefix % ALPHABET.length]}`;
}
