import { runBaselineGateway } from './bench/baseline/baseline-gateway.js';
import { runBaselineLoader } from './bench/baseline/baseline-loader.js';
import { runBaselineWorker } from './bench/baseline/baseline-worker.js';
import type { BaselineRole, BaselineSettings } from './bench/baseline/settings.js';

/** One process of the benchmark's baseline: `<role> <settings as JSON>`. Started by the benchmark alone. */
const roles: Record<BaselineRole, (settings: BaselineSettings) => Promise<void>> = {
  gateway: runBaselineGateway,
  worker: runBaselineWorker,
  loader: runBaselineLoader,
};
const [role, settings] = process.argv.slice(2) as [BaselineRole, string];
await roles[role](JSON.parse(settings) as BaselineSettings);
