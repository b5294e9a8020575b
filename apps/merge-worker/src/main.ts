import { configurationOrExit, mergeWorkerSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics, startTracing } from '@tessera/observability';
import { MergeWorkerModule } from './merge-worker.module.js';

const configuration = configurationOrExit(mergeWorkerSchema);
const logger = createLogger('merge-worker', configuration.LOG_LEVEL);
const tracing = startTracing({
  service: 'merge-worker',
  endpoint: configuration.OTEL_EXPORTER_OTLP_ENDPOINT,
  ratio: configuration.OTEL_TRACES_SAMPLER_ARG,
});
const metrics = new Metrics('merge-worker');
const application = await createHttpApplication(MergeWorkerModule.with(configuration, logger, metrics), {
  logger,
  metrics,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST, tracing });
