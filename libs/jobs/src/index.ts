export * from './job-commands.js';
