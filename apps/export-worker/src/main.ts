import { configurationOrExit, exportWorkerSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics, startTracing } from '@tessera/observability';
import { ExportWorkerModule } from './export-worker.module.js';

const configuration = configurationOrExit(exportWorkerSchema);
const logger = createLogger('export-worker', configuration.LOG_LEVEL);
const tracing = startTracing({
  service: 'export-worker',
  endpoint: configuration.OTEL_EXPORTER_OTLP_ENDPOINT,
  ratio: configuration.OTEL_TRACES_SAMPLER_ARG,
});
const metrics = new Metrics('export-worker');
const application = await createHttpApplication(ExportWorkerModule.with(configuration, logger, metrics), {
  logger,
  metrics,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST, tracing });
