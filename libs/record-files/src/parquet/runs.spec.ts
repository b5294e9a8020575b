import fc from 'fast-check';
import { readRuns } from './runs.js';

interface Run {
  readonly packed: boolean;
  readonly values: readonly number[];
}

/** Writes runs value by value, bit by bit, as the format describes them. */
function written(runs: readonly Run[], width: number): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: number) => {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    bytes.push(value);
  };
  for (const { packed, values } of runs) {
    varint(packed ? (values.length / 8) * 2 + 1 : values.length * 2);
    const bits = (packed ? values : values.slice(0, 1)).flatMap((value) =>
      Array.from({ length: width }, (_, bit) => Math.floor(value / 2 ** bit) % 2),
    );
    for (let at = 0; at < bits.length; at += 8) {
      bytes.push(bits.slice(at, at + 8).reduce((sum, bit, index) => sum + bit * 2 ** index, 0));
    }
  }
  return Uint8Array.from(bytes);
}

function read(bytes: Uint8Array, width: number, count: number, length?: number): { values: number[]; offset: number } {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const found = new Uint32Array(count);
  readRuns(reader, width, found, length);
  return { values: [...found], offset: reader.offset };
}

const cases = fc.integer({ min: 1, max: 32 }).chain((width) => {
  const value = fc.nat(2 ** width - 1);
  const packed = fc
    .integer({ min: 1, max: 4 })
    .chain((groups) => fc.array(value, { minLength: groups * 8, maxLength: groups * 8 }))
    .map((values): Run => ({ packed: true, values }));
  const repeated = fc
    .tuple(value, fc.integer({ min: 1, max: 200 }))
    .map(([one, count]): Run => ({ packed: false, values: Array.from({ length: count }, () => one) }));
  return fc.record({ width: fc.constant(width), runs: fc.array(fc.oneof(packed, repeated), { maxLength: 6 }) });
});

describe('runs of values', () => {
  it('say what was written, and as much of it as is asked for', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ width, runs }, seed) => {
        const bytes = written(runs, width);
        const values = runs.flatMap((run) => run.values);
        const count = seed % (values.length + 1);
        expect(read(bytes, width, count, bytes.length)).toEqual({
          values: values.slice(0, count),
          offset: bytes.length,
        });
      }),
    );
  });

  it('tell their length themselves where it is not told', () => {
    const runs = written([{ packed: false, values: [5, 5, 5] }], 3);
    const bytes = Uint8Array.from([runs.length, 0, 0, 0, ...runs, 99]);
    expect(read(bytes, 3, 3)).toEqual({ values: [5, 5, 5], offset: bytes.length - 1 });
  });

  it('are refused where they end too early, and go on where their length says', () => {
    const runs = written([{ packed: true, values: [1, 2, 3, 4, 5, 6, 7, 0] }], 3);
    expect(() => read(runs, 3, 9, runs.length)).toThrow('end before');
    expect(() => read(runs.subarray(0, -1), 3, 8, runs.length - 1)).toThrow('beyond');
    expect(() => read(runs, 3, 8, runs.length + 1)).toThrow('beyond their page');
  });

  it('cost no more than the values asked for, however long they claim to be', () => {
    const endless = Uint8Array.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 1]);
    expect(read(endless, 1, 3, endless.length).values).toEqual([1, 1, 1]);
  });
});
