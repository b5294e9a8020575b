/**
 * The smallest of `values` that at least `share` of them do not exceed (nearest rank), so that every percentile is a value
 * that was measured. `share` lies in (0, 1].
 *
 * @throws RangeError when there are no values, or the share is out of range.
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('there is no percentile of no values');
  if (!(share > 0 && share <= 1)) throw new RangeError(`a share lies above 0 and up to 1, not ${share}`);
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(share * sorted.length) - 1] as number;
}

/** Middle value; the mean of the two middle ones when their number is even. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no median of no values');
  const sorted = Float64Array.from(values).sort();
  const upper = sorted[sorted.length >> 1] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] as number) + upper) / 2;
}

/** What a set of delays (milliseconds) comes to. */
export interface DelaySummary {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly maximum: number;
}

/** Summary of delays in milliseconds. @throws RangeError when there are none. */
export function summarise(delays: readonly number[]): DelaySummary {
  return {
    samples: delays.length,
    p50: percentile(delays, 0.5),
    p99: percentile(delays, 0.99),
    maximum: percentile(delays, 1),
  };
}
