export * from './edge-feeder.js';
export * from './people-projector.js';
