import { configurationOrExit, edgeSchema } from '@tessera/config';
import { createHttpApplication, runService } from '@tessera/http';
import { createLogger, Metrics, startTracing } from '@tessera/observability';
import { EdgeModule } from './edge.module.js';

const configuration = configurationOrExit(edgeSchema);
const logger = createLogger('edge', configuration.LOG_LEVEL);
const tracing = startTracing({
  service: 'edge',
  endpoint: configuration.OTEL_EXPORTER_OTLP_ENDPOINT,
  ratio: configuration.OTEL_TRACES_SAMPLER_ARG,
});
const metrics = new Metrics('edge');
const application = await createHttpApplication(EdgeModule.with(configuration, logger, metrics), {
  logger,
  metrics,
  hasAccessControl: true,
});
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST, tracing });
