export * from './file-format.js';
export * from './file-row.js';
export * from './random-access-file.js';
export * from './read-rows.js';
