export * from './batch-objects.js';
export * from './create-object-storage.js';
export * from './export-objects.js';
export * from './object-key.js';
export * from './object-storage.js';
export * from './parted-file.js';
