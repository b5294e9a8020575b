/** When a record was accepted, so that any two accepted records have an order: time first, then place. */
export interface Acceptance {
  /** Epoch milliseconds. */
  readonly acceptedAt: number;
  /** Place among everything accepted in the same millisecond; fixed width within one producer, compared as text. */
  readonly position: string;
}

/** `Date` covers ±8.64e15 ms around the epoch (ECMA-262 §21.4.1.1); shifted by that, ages are never negative. */
const LARGEST_AGE = 8.64e15;
const AGE_DIGITS = 11;

/**
 * A record's place in the order of its identity's records, as one string that compares like the record does: its age
 * (epoch ms), then its acceptance (spec 03-ingestion, "What a record does"). Equal versions are the same record.
 *
 * @throws RangeError when a time lies outside what a date can express.
 */
export function versionOf(age: number, acceptance: Acceptance): string {
  return `${sortable(age)}-${acceptanceOrder(acceptance)}`;
}

/** The acceptance alone as one sortable string; the smaller was accepted first. */
export function acceptanceOrder(acceptance: Acceptance): string {
  return `${sortable(acceptance.acceptedAt)}-${acceptance.position}`;
}

/** The position of a record that nobody stamped: its place on the topic, sortable within one partition. */
export function topicPosition(partition: number, offset: number): string {
  return `${offset.toString(36).padStart(AGE_DIGITS, '0')}-${partition}`;
}

/** The position of a row of a batch. @param place of the row in its batch, sortable. */
export function batchPosition(batchId: string, place: string): string {
  return `${batchId}-${place}`;
}

/** Whether the record of a version is a row of the batch. */
export function isOfBatch(version: string, batchId: string): boolean {
  return version.startsWith(batchPosition(batchId, ''), 2 * (AGE_DIGITS + 1));
}

/** The age (epoch ms) that a version starts with. */
export function ageOfVersion(version: string): number {
  return timeOf(version.slice(0, AGE_DIGITS));
}

/** When the record of a version was accepted (epoch ms). */
export function acceptedAtOfVersion(version: string): number {
  return timeOf(version.slice(AGE_DIGITS + 1, 2 * AGE_DIGITS + 1));
}

function sortable(time: number): string {
  if (!Number.isInteger(time) || Math.abs(time) > LARGEST_AGE) throw new RangeError(`not a time: ${time}`);
  return (time + LARGEST_AGE).toString(36).padStart(AGE_DIGITS, '0');
}

function timeOf(text: string): number {
  return parseInt(text, 36) - LARGEST_AGE;
}
