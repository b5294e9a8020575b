import { isUtf8 } from 'node:buffer';
import { isExact, type JsonValue } from '@tessera/contracts';
import { isDeeperThan } from '@tessera/http';

/** What was sent: as JSON, as text where that says more or alone says it, or its bytes in base64. */
export interface RecordAnswer {
  readonly json?: JsonValue;
  readonly text?: string;
  readonly base64?: string;
}

/** Answers must not nest deeper than whoever reads them can follow; good records keep to half of it. */
const MOST_DEPTH = 64;

/**
 * The record as it came. Its JSON would not tell numbers that a double cannot hold, so those have their text beside it;
 * what nests too deep to be passed on has its text alone.
 */
export function recordAnswer(bytes: Buffer): RecordAnswer {
  if (!isUtf8(bytes)) return { base64: bytes.toString('base64') };
  const text = bytes.toString('utf8');
  try {
    const json = JSON.parse(text) as JsonValue;
    if (isDeeperThan(json, MOST_DEPTH)) return { text };
    return isAllExact(json) ? { json } : { json, text };
  } catch {
    return { text };
  }
}

/** Whether every number is what was written, as far as integers go. */
function isAllExact(value: JsonValue): boolean {
  if (typeof value === 'number') return isExact(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isAllExact);
}
