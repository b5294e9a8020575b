import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { FileFormatError } from '../file-format.js';

/** Bytes of one page, uncompressed: what is held in memory of each column at a time. */
const MAX_PAGE_BYTES = 128 * 1024 * 1024;

type Decompress = (bytes: Uint8Array, size: number) => Uint8Array;

/** Node's own where it has one: several times as fast. Never gives more than the page's header announced. */
const decompressors: Partial<Record<CompressionCodec, Decompress>> = {
  UNCOMPRESSED: (bytes) => bytes,
  GZIP: (bytes, size) => gunzipSync(bytes, { maxOutputLength: Math.max(1, size) }),
  BROTLI: (bytes, size) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, size) }),
  ZSTD: (bytes, size) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, size) }),
  ...pick('SNAPPY'),
  ...pick('LZ4'),
  ...pick('LZ4_RAW'),
};

function pick(codec: 'SNAPPY' | 'LZ4' | 'LZ4_RAW'): Partial<Record<CompressionCodec, Decompress>> {
  const decompress = compressors[codec];
  return decompress === undefined ? {} : { [codec]: decompress };
}

/** @throws FileFormatError for a page that is too large or compressed in a way that is not known. */
export function decompressed(bytes: Uint8Array, size: number, codec: CompressionCodec): Buffer {
  if (size > MAX_PAGE_BYTES) {
    throw new FileFormatError(
      `The Parquet file has pages of ${Math.ceil(size / 1e6)} MB, too large to be read in flat memory: ` +
        'write it with smaller pages or row groups (most writers: at most 100,000 rows a group).',
    );
  }
  const decompress = decompressors[codec];
  if (decompress === undefined) {
    throw new FileFormatError(
      `The Parquet file is compressed with ${codec}, which cannot be read: use Snappy, Gzip, Zstandard, Brotli, or LZ4.`,
    );
  }
  const page = size === 0 ? new Uint8Array() : decompress(bytes, size);
  if (page.length !== size) throw new Error(`a page has ${page.length} bytes instead of ${size}`);
  return Buffer.from(page.buffer, page.byteOffset, page.byteLength);
}
