/**
 * Seconds of the load itself before delays count, until what services do all day is compiled: `--only` finds them just
 * started.
 */
export const WARM_UP_SECONDS = 30;
