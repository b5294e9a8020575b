export * from './edge.js';
export * from './gateway.js';
export * from './load.js';
export * from './workers.js';
