/** Where in a page the next bytes are taken from. */
export interface PageBytes {
  readonly view: DataView;
  offset: number;
}

/**
 * Fills `found` from the hybrid of repeated and bit-packed runs (Parquet, "Encodings", RLE), and leaves the reader behind
 * the runs. A run that goes on beyond what is wanted is cut: the work is bounded by `found`, whatever lengths a file claims.
 *
 * @param width bits of one value, 1 to 32.
 * @param length bytes of all runs; undefined: four bytes before the runs say it.
 * @throws Error when the runs end before `found` is full.
 */
export function readRuns(
  bytes: PageBytes,
  width: number,
  found: Uint8Array | Uint32Array,
  length = uint32(bytes),
): void {
  const start = bytes.offset;
  const end = start + length;
  if (end > bytes.view.byteLength) throw new Error('runs go beyond their page');
  for (let filled = 0; filled < found.length;) {
    const header = varint(bytes, end);
    const isPacked = header % 2 === 1;
    const count = isPacked ? Math.floor(header / 2) * 8 : Math.floor(header / 2);
    const wanted = Math.min(count, found.length - filled);
    if (isPacked) readPacked(bytes, width, found, filled, wanted, end);
    else found.fill(repeated(bytes, width, end), filled, filled + wanted);
    filled += wanted;
  }
  bytes.offset = end;
}

function readPacked(
  bytes: PageBytes,
  width: number,
  found: Uint8Array | Uint32Array,
  from: number,
  count: number,
  end: number,
): void {
  const { view, offset } = bytes;
  if (offset + Math.ceil((count * width) / 8) > end) throw new Error('a run goes beyond its bytes');
  for (let index = 0, bit = 0; index < count; index += 1) {
    let value = 0;
    for (let taken = 0; taken < width;) {
      const free = 8 - (bit % 8);
      const take = Math.min(free, width - taken);
      const part = (view.getUint8(offset + (bit >> 3)) >> (bit % 8)) & ((1 << take) - 1);
      value += part * 2 ** taken;
      taken += take;
      bit += take;
    }
    found[from + index] = value;
  }
  bytes.offset = offset + Math.ceil((count * width) / 8);
}

function repeated(bytes: PageBytes, width: number, end: number): number {
  let value = 0;
  for (let shift = 0; shift < width; shift += 8) value += byte(bytes, end) * 2 ** shift;
  return value;
}

/** An unsigned LEB128 of up to 32 bits. */
function varint(bytes: PageBytes, end: number): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const part = byte(bytes, end);
    value += (part & 0x7f) * 2 ** shift;
    if (part < 0x80) return value;
  }
  throw new Error('a length is too long');
}

function byte(bytes: PageBytes, end: number): number {
  if (bytes.offset >= end) throw new Error('runs end before their values do');
  return bytes.view.getUint8(bytes.offset++);
}

function uint32(bytes: PageBytes): number {
  bytes.offset += 4;
  return bytes.view.getUint32(bytes.offset - 4, true);
}
