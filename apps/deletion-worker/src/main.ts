import { configurationOrExit, deletionWorkerSchema } from '@tessera/config';
import { startService } from '@tessera/http';
import { DeletionWorkerModule } from './deletion-worker.module.js';

const configuration = configurationOrExit(deletionWorkerSchema);
await startService({
  name: 'deletion-worker',
  environment: configuration,
  module: (logger, metrics) => DeletionWorkerModule.with(configuration, logger, metrics),
  givesWay: true,
});
