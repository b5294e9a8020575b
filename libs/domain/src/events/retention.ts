/** Days of each unit of a duration; a month counts 30 days and a year 365, so that a duration is the same for every event. */
const UNIT_DAYS = { Y: 365, M: 30, W: 7, D: 1 } as const;
const DAY = 86_400_000;
/** A hundred years. */
const MOST_DAYS = 36_500;

const duration = /^P(?=\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?$/;

/**
 * How long events are kept, out of an ISO 8601 duration in whole days, weeks, months and years (spec 03-ingestion,
 * "Expiry").
 *
 * @returns milliseconds; undefined for anything else, for less than a day and for more than a hundred years.
 */
export function parseRetention(text: string): number | undefined {
  const [, ...counts] = duration.exec(text) ?? [];
  if (counts.length === 0) return undefined;
  const units = Object.values(UNIT_DAYS);
  const days = counts.reduce((sum, count = '0', index) => sum + Number(count) * (units[index] ?? 0), 0);
  return days >= 1 && days <= MOST_DAYS ? days * DAY : undefined;
}
