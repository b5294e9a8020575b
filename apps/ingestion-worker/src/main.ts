import { configurationOrExit, ingestionWorkerSchema } from '@tessera/config';
import { startService } from '@tessera/http';
import { IngestionWorkerModule } from './ingestion-worker.module.js';

const configuration = configurationOrExit(ingestionWorkerSchema);
await startService({
  name: 'ingestion-worker',
  environment: configuration,
  module: (logger, metrics) => IngestionWorkerModule.with(configuration, logger, metrics),
});
