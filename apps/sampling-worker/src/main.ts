import { configurationOrExit, samplingWorkerSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics } from '@tessera/observability';
import { SamplingWorkerModule } from './sampling-worker.module.js';

const configuration = configurationOrExit(samplingWorkerSchema);
const logger = createLogger('sampling-worker', configuration.LOG_LEVEL);
const metrics = new Metrics('sampling-worker');
const application = await createHttpApplication(SamplingWorkerModule.with(configuration, logger, metrics), {
  logger,
  metrics,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST });
