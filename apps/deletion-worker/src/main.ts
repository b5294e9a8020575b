import { configurationOrExit, deletionWorkerSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics, startTracing } from '@tessera/observability';
import { DeletionWorkerModule } from './deletion-worker.module.js';

const configuration = configurationOrExit(deletionWorkerSchema);
const logger = createLogger('deletion-worker', configuration.LOG_LEVEL);
const tracing = startTracing({
  service: 'deletion-worker',
  endpoint: configuration.OTEL_EXPORTER_OTLP_ENDPOINT,
  ratio: configuration.OTEL_TRACES_SAMPLER_ARG,
});
const metrics = new Metrics('deletion-worker');
const application = await createHttpApplication(DeletionWorkerModule.with(configuration, logger, metrics), {
  logger,
  metrics,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST, tracing });
