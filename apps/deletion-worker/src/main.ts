import { configurationOrExit, deletionWorkerSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics } from '@tessera/observability';
import { DeletionWorkerModule } from './deletion-worker.module.js';

const configuration = configurationOrExit(deletionWorkerSchema);
const logger = createLogger('deletion-worker', configuration.LOG_LEVEL);
const metrics = new Metrics('deletion-worker');
const application = await createHttpApplication(DeletionWorkerModule.with(configuration, logger, metrics), {
  logger,
  metrics,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST });
