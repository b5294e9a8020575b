export type { JobsLogger, QueueOptions } from './connection.js';
export * from './job-commands.js';
export * from './job-handler.js';
export * from './job-queue.js';
export * from './job-metrics.js';
export * from './job-runner.js';
export * from './job-sweeper.js';
export * from './job-worker.js';
export * from './queue-monitor.js';
