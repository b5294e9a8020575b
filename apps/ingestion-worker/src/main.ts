import { configurationOrExit, ingestionWorkerSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics, startTracing } from '@tessera/observability';
import { IngestionWorkerModule } from './ingestion-worker.module.js';

const configuration = configurationOrExit(ingestionWorkerSchema);
const logger = createLogger('ingestion-worker', configuration.LOG_LEVEL);
const tracing = startTracing({
  service: 'ingestion-worker',
  endpoint: configuration.OTEL_EXPORTER_OTLP_ENDPOINT,
  ratio: configuration.OTEL_TRACES_SAMPLER_ARG,
});
const metrics = new Metrics('ingestion-worker');
const application = await createHttpApplication(IngestionWorkerModule.with(configuration, logger, metrics), {
  logger,
  metrics,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST, tracing });
