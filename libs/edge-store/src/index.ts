export * from './edge-copies.js';
export * from './edge-shelf.js';
