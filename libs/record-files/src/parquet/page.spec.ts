import type { ColumnMetaData, PageHeader } from 'hyparquet';
import type { Leaf } from './leaf.js';
import { pageOf } from './page.js';

const leaf = {
  maxDefinition: 1,
  maxRepetition: 0,
  node: { element: {} },
  convert: (value: unknown) => value,
} as unknown as Leaf;
const column = { type: 'INT32', codec: 'UNCOMPRESSED' } as unknown as ColumnMetaData;

function read(header: object, bytes: readonly number[]): unknown {
  return pageOf(header as PageHeader, Uint8Array.from(bytes), leaf, column, undefined);
}

describe('a damaged page is refused instead of being read for ever', () => {
  it('where its header does not say how long its levels are', () => {
    const second = { num_values: 8, encoding: 'PLAIN' };
    expect(() => read({ uncompressed_page_size: 14, data_page_header_v2: second }, Array(14).fill(0))).toThrow(
      'without the lengths',
    );
  });

  it('where its blocks of differences have an impossible size', () => {
    const minusOne = [0xff, 0xff, 0xff, 0xff, 0x0f];
    const levels = [2, 0, 0, 0, 16, 1];
    const bytes = [...levels, 8, ...minusOne, 8, 0, 0, 0, 0, 0];
    const first = { num_values: 8, encoding: 'DELTA_BINARY_PACKED' };
    expect(() => read({ uncompressed_page_size: bytes.length, data_page_header: first }, bytes)).toThrow(
      'impossible blocks',
    );
  });
});
