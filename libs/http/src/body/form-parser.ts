import { isUtf8 } from 'node:buffer';
import { problem } from '../problem/problem-error.js';

export const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';

/** Reads a form as an object without a prototype; of a repeated field the first value counts. */
export function parseForm(body: Buffer): unknown {
  if (!isUtf8(body)) throw problem('invalid-utf8', { detail: 'The body is not valid UTF-8.' });
  const form = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) form[name] ??= value;
  return form;
}
