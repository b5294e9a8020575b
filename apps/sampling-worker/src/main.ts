import { configurationOrExit, samplingWorkerSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics, startTracing } from '@tessera/observability';
import { SamplingWorkerModule } from './sampling-worker.module.js';

const configuration = configurationOrExit(samplingWorkerSchema);
const logger = createLogger('sampling-worker', configuration.LOG_LEVEL);
const tracing = startTracing({
  service: 'sampling-worker',
  endpoint: configuration.OTEL_EXPORTER_OTLP_ENDPOINT,
  ratio: configuration.OTEL_TRACES_SAMPLER_ARG,
});
const metrics = new Metrics('sampling-worker');
const application = await createHttpApplication(SamplingWorkerModule.with(configuration, logger, metrics), {
  logger,
  metrics,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST, tracing });
