/** Consecutive bytes of a file. */
export interface ByteSpan {
  /** Place of the first byte in the file. */
  readonly start: number;
  /** Bytes; at least one. */
  readonly size: number;
}

/** What a part does to those that are there: it takes its place among them, or it overlaps one of other bounds. */
export type PartPlacement<Part> =
  | { readonly kind: 'placed'; readonly parts: readonly Part[]; readonly replaced?: Part }
  | { readonly kind: 'overlapping'; readonly part: Part };

/**
 * Puts a part of a file among the others, whatever the order in which they come. The same bounds again replace what was
 * there; any other overlap is refused, as it would leave open which bytes count.
 *
 * @param parts in order, without overlaps.
 */
export function placePart<Part extends ByteSpan>(parts: readonly Part[], part: Part): PartPlacement<Part> {
  const overlapped = parts.find((other) => other.start < endOf(part) && part.start < endOf(other));
  if (overlapped === undefined) {
    const index = parts.findIndex((other) => other.start > part.start);
    return { kind: 'placed', parts: parts.toSpliced(index === -1 ? parts.length : index, 0, part) };
  }
  if (overlapped.start !== part.start || overlapped.size !== part.size)
    return { kind: 'overlapping', part: overlapped };
  return { kind: 'placed', parts: parts.with(parts.indexOf(overlapped), part), replaced: overlapped };
}

/** Bytes that are there from the first one on without a gap. @param parts in order, without overlaps. */
export function receivedFromStart(parts: readonly ByteSpan[]): number {
  let end = 0;
  for (const part of parts) {
    if (part.start !== end) break;
    end = endOf(part);
  }
  return end;
}

/**
 * The first bytes that are missing.
 *
 * @param parts in order, without overlaps.
 * @param total bytes of the file; where unknown, it ends with its last part.
 */
export function firstGap(parts: readonly ByteSpan[], total: number | undefined): ByteSpan | undefined {
  const start = receivedFromStart(parts);
  const next = parts.find((part) => part.start > start)?.start ?? total ?? start;
  return next > start ? { start, size: next - start } : undefined;
}

function endOf({ start, size }: ByteSpan): number {
  return start + size;
}
