import fc from 'fast-check';
import { firstGap, placePart, receivedFromStart, type ByteSpan } from './byte-ranges.js';

const MOST_BYTES = 24;

/** Byte by byte: which part each byte came with. */
class SlowFile {
  readonly bytes: (number | undefined)[] = Array.from({ length: MOST_BYTES * 2 });
  readonly bounds = new Map<number, ByteSpan>();

  place(number: number, span: ByteSpan): boolean {
    const places = Array.from({ length: span.size }, (_, index) => span.start + index);
    const there = new Set(places.flatMap((place) => this.bytes[place] ?? []));
    const [only] = [...there].map((other) => this.bounds.get(other));
    const isSame = there.size === 1 && only?.start === span.start && only.size === span.size;
    if (there.size > 0 && !isSame) return false;
    for (const place of places) this.bytes[place] = number;
    this.bounds.set(number, span);
    return true;
  }

  get missing(): number {
    return this.bytes.findIndex((byte) => byte === undefined);
  }
}

const span = fc.record({ start: fc.nat(MOST_BYTES - 1), size: fc.integer({ min: 1, max: 8 }) });

describe('parts of a file', () => {
  it('are kept in order and without overlaps, the last of equal bounds in place', () => {
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 12 }),
        fc.option(fc.nat(MOST_BYTES * 2), { nil: undefined }),
        (spans, total) => {
          const slow = new SlowFile();
          let parts: readonly (ByteSpan & { number: number })[] = [];
          for (const [number, given] of spans.entries()) {
            const placement = placePart(parts, { ...given, number });
            expect(placement.kind === 'placed').toBe(slow.place(number, given));
            if (placement.kind === 'placed') parts = placement.parts;
          }
          const laid = Array.from<number | undefined>({ length: MOST_BYTES * 2 });
          for (const part of parts) laid.fill(part.number, part.start, part.start + part.size);
          expect(laid).toEqual(slow.bytes);
          expect(parts.map(({ start }) => start)).toEqual(parts.map(({ start }) => start).sort((a, b) => a - b));
          expect(receivedFromStart(parts)).toBe(slow.missing);
          const end = total ?? slow.bytes.findLastIndex((byte) => byte !== undefined) + 1;
          const gap = firstGap(parts, total);
          expect(gap?.start).toBe(
            slow.missing < Math.max(end, slow.bytes.findLastIndex((byte) => byte !== undefined) + 1)
              ? slow.missing
              : undefined,
          );
          if (gap !== undefined) {
            const next = slow.bytes.findIndex((byte, place) => place > gap.start && byte !== undefined);
            expect(gap.start + gap.size).toBe(next === -1 ? end : next);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('tell which part they replace, and which they overlap', () => {
    const first = { start: 0, size: 4, key: 'a' };
    expect(placePart([first], { start: 0, size: 4, key: 'b' })).toEqual({
      kind: 'placed',
      parts: [{ start: 0, size: 4, key: 'b' }],
      replaced: first,
    });
    expect(placePart([first], { start: 3, size: 4, key: 'b' })).toEqual({ kind: 'overlapping', part: first });
    expect(placePart([first], { start: 4, size: 1, key: 'b' })).toMatchObject({ kind: 'placed' });
  });
});
