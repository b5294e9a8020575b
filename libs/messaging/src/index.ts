export * from './backlog.js';
export * from './batch-consumer.js';
export * from './incoming-message.js';
export * from './kafka.js';
export * from './producer.js';
export * from './retry.js';
export * from './service-consumer.js';
export * from './until-succeeds.js';
