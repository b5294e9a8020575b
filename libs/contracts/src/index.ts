export * from './dead-letter.js';
export * from './identity.js';
export * from './identity-evidence.js';
export * from './outcome.js';
export * from './profile-changed.js';
export * from './record.js';
export * from './tenant.js';
export * from './topics.js';
