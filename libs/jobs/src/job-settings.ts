import type { JobWorkerOptions } from './job-worker.js';

/** What the environment of a worker says about its jobs. */
export interface JobEnvironment {
  readonly REDIS_URL: string;
  readonly REDIS_PREFIX: string;
  readonly JOB_CONCURRENCY: number;
  readonly JOB_PART_CONCURRENCY: number;
  readonly JOB_LOCK_MS: number;
  readonly COMMIT_INTERVAL_MS: number;
}

type JobSettings = Pick<
  JobWorkerOptions,
  'redisUrl' | 'redisPrefix' | 'concurrency' | 'partConcurrency' | 'lockDuration' | 'commitInterval'
>;

/** The options of a `JobWorker` that come from the environment. */
export function jobSettings(environment: JobEnvironment): JobSettings {
  return {
    redisUrl: environment.REDIS_URL,
    redisPrefix: environment.REDIS_PREFIX,
    concurrency: environment.JOB_CONCURRENCY,
    partConcurrency: environment.JOB_PART_CONCURRENCY,
    lockDuration: environment.JOB_LOCK_MS,
    commitInterval: environment.COMMIT_INTERVAL_MS,
  };
}
