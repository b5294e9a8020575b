import { configurationOrExit, mergeWorkerSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics } from '@tessera/observability';
import { MergeWorkerModule } from './merge-worker.module.js';

const configuration = configurationOrExit(mergeWorkerSchema);
const logger = createLogger('merge-worker', configuration.LOG_LEVEL);
const metrics = new Metrics('merge-worker');
const application = await createHttpApplication(MergeWorkerModule.with(configuration, logger, metrics), {
  logger,
  metrics,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST });
