import { isExact } from '@tessera/contracts';

/**
 * Numbers that a double may not hold: sixteen digits and more, or an exponent of three digits. Where a value begins, since
 * many identities are strings of as many digits, and whatever meets this is parsed once more.
 */
const LONG_NUMBER = /[:,[]\s*-?(?:\d{16}|\d+(?:\.\d+)?e\+?\d{3})/i;

const bodies = new WeakMap<object, unknown>();

/** The proposal "JSON.parse source text access", which TypeScript does not know yet. */
type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { parse, rawJSON } = JSON as unknown as {
  parse(this: void, text: string, reviver: SourceReviver): unknown;
  rawJSON(this: void, text: string): object;
};

/** Remembers how the numbers of a body were written, where that could get lost. To be called once it is parsed. */
export function rememberNumbers(body: unknown, text: string): void {
  if (typeof body !== 'object' || body === null || !LONG_NUMBER.test(text)) return;
  try {
    bodies.set(body, parse(text, asWritten));
  } catch (error) {
    // It nests deeper than this can follow, and than anything that is passed on may.
    if (!(error instanceof RangeError)) throw error;
  }
}

/**
 * A parsed body for whoever passes it on as JSON text: integers that a double does not hold, and numbers that it holds as
 * infinite, are written as the client wrote them. To be written only; whoever reads it takes the body itself.
 */
export function verbatim<Body>(body: Body): Body {
  return typeof body === 'object' && body !== null && bodies.has(body) ? (bodies.get(body) as Body) : body;
}

function asWritten(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined) return value;
  return isExact(value) ? value : rawJSON(source);
}
