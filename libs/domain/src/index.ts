export * from './identity/namespace.js';
export * from './identity/xid.js';
export * from './merge/fragment.js';
export * from './record/version.js';
