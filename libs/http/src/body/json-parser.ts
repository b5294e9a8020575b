import { isUtf8 } from 'node:buffer';
import { problem } from '../problem/problem-error.js';
import { rememberNumbers } from './verbatim.js';

/** `application/json` and every `application/<…>+json`, with or without parameters. */
export const jsonMediaType = /^application\/(?:[\w.-]+\+)?json(?:\s*;.*)?$/i;

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads a JSON body. Keys such as `__proto__` stay plain data, as `JSON.parse` keeps them; whoever copies such an object
 * must use one without a prototype. An empty body is `undefined`: whether one is needed is for the route's schema to say.
 *
 * @throws ProblemError `invalid-utf8` or `malformed-body`.
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw problem('invalid-utf8', { detail: 'The body is not valid UTF-8.' });
  const whole = body.toString('utf8');
  const text = whole.startsWith(BYTE_ORDER_MARK) ? whole.slice(1) : whole;
  try {
    const parsed = JSON.parse(text) as unknown;
    rememberNumbers(parsed, text);
    return parsed;
  } catch (error) {
    throw problem('malformed-body', { detail: `The body is not valid JSON${placeIn(error)}.`, cause: error });
  }
}

/** Where parsing stopped, out of V8's message; the rest of that message quotes the body and stays here. */
function placeIn(error: unknown): string {
  const place = /\(line \d+ column \d+\)/.exec(error instanceof Error ? error.message : '')?.[0];
  return place === undefined ? '' : ` ${place}`;
}
