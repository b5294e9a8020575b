import type { BudgetAnswer } from '@tessera/quota';

/** Length of the window that a budget is counted in. */
const WINDOW_SECONDS = 1;

/** What is left of a quota, as headers (draft-ietf-httpapi-ratelimit-headers-07). Times are whole seconds. */
export function quotaHeaders(budget: BudgetAnswer): Record<string, string> {
  return {
    'ratelimit-limit': String(budget.limit),
    'ratelimit-remaining': String(budget.remaining),
    'ratelimit-reset': String(secondsUntilReset(budget)),
    'ratelimit-policy': `${budget.limit};w=${WINDOW_SECONDS}`,
  };
}

/** Rounded up: who waits as long finds the budget whole. */
export function secondsUntilReset({ reset }: BudgetAnswer): number {
  return Math.ceil(reset / 1_000);
}

const wholeNumber = { type: 'integer', minimum: 0 };

/** The headers as the documentation describes them. */
export const quotaHeadersSchema = {
  'RateLimit-Limit': {
    description: 'Records the organisation may stream a second; absent, like the others, where it has no quota',
    schema: { type: 'integer' },
  },
  'RateLimit-Remaining': { description: 'Records that can still be taken until the reset', schema: wholeNumber },
  'RateLimit-Reset': { description: 'Seconds until the whole quota is there again', schema: wholeNumber },
  'RateLimit-Policy': { description: 'The quota and its window in seconds', schema: { type: 'string' } },
};
