/** Share of the people by which their number must have moved since the last sample for another one (spec 08-preview-sample). */
export const SAMPLE_MOVEMENT = 0.05;

/** People below whose number a sample is everybody. */
export const SMALLEST_SAMPLED = 100_000;

/**
 * Whether the number of people has moved enough for a new sample.
 *
 * @param before when the last sample was drawn; undefined: there was none.
 */
export function isSampleDue(now: number, before: number | undefined): boolean {
  if (before === undefined) return now > 0;
  return Math.abs(now - before) > SAMPLE_MOVEMENT * before;
}

/** Share of the people that a sample draws when nobody asks for another. @param configured used from {@link SMALLEST_SAMPLED} people on. */
export function samplingRatioOf(people: number, configured: number): number {
  return people < SMALLEST_SAMPLED ? 1 : configured;
}
