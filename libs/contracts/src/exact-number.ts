/**
 * Whether a number that was parsed from JSON is what was written, as far as integers go: past ±(2^53 − 1) neighbours fall
 * together, and what a double cannot hold is infinite (spec 03-ingestion, "What a record does").
 */
export function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (!Number.isInteger(value) && Number.isFinite(value));
}
