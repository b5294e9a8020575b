export * from './shared-budgets.js';
