export * from './database.js';
export * from './unavailable.js';
