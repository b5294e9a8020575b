import { configurationOrExit, mergeWorkerSchema } from '@tessera/config';
import { startService } from '@tessera/http';
import { MergeWorkerModule } from './merge-worker.module.js';

const configuration = configurationOrExit(mergeWorkerSchema);
await startService({
  name: 'merge-worker',
  environment: configuration,
  module: (logger, metrics) => MergeWorkerModule.with(configuration, logger, metrics),
});
