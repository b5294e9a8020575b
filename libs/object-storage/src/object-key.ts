import { hash } from 'node:crypto';
import type { ObjectKey } from './object-storage.js';

/** A text is not a key: a fault of this code, as keys are only made by {@link objectKey}. */
export class InvalidKeyError extends Error {
  override readonly name = 'InvalidKeyError';
}

/** Bytes of one part of a key at most: file systems take names of 255. */
const LONGEST_PART = 200;
/** Bytes of a key at most: S3 takes 1,024. */
const LONGEST_KEY = 1_000;

/** Upper case is for ULIDs; a leading dot is for the store's own files. */
const part = /^[A-Za-z0-9_@=~-][A-Za-z0-9_@=~.-]*$/;

/**
 * Makes a key out of any texts, one for each part: different texts give different keys, and none of them has a way out of
 * its part. Letters, digits, `-`, `_`, `@` and inner dots stay; other bytes become `=` and two hex digits; what is too long
 * ends in `~` and its SHA-256.
 *
 * @throws InvalidKeyError for a text that is not well-formed Unicode, or parts that are too long together.
 */
export function objectKey(...parts: readonly string[]): ObjectKey {
  return checkedKey(parts.map(encodePart).join('/'));
}

/** @throws InvalidKeyError unless {@link objectKey} could have made it. */
export function checkedKey(key: ObjectKey): ObjectKey {
  const isKey =
    key.length <= LONGEST_KEY && key.split('/').every((name) => name.length <= LONGEST_PART && part.test(name));
  if (!isKey) throw new InvalidKeyError('not a key of an object');
  return key;
}

function encodePart(text: string): string {
  if (!text.isWellFormed()) throw new InvalidKeyError('not a well-formed text');
  // An empty part would vanish from a path; no other text is encoded as a single `=`.
  const encoded = text === '' ? '=' : Array.from(text, encodeCharacter).join('');
  if (encoded.length <= LONGEST_PART) return encoded;
  const digest = hash('sha256', text, 'hex');
  return `${encoded.slice(0, LONGEST_PART - digest.length - 1)}~${digest}`;
}

function encodeCharacter(character: string, index: number): string {
  if (/^[A-Za-z0-9_@-]$/.test(character) || (character === '.' && index > 0)) return character;
  return Array.from(Buffer.from(character, 'utf8'), (byte) => `=${byte.toString(16).padStart(2, '0')}`).join('');
}
