import { configurationOrExit, gatewaySchema } from '@tessera/config';
import { createHttpApplication, DOCS_PATH, runService, serveDocumentation } from '@tessera/http';
import { createLogger, Metrics, startTracing } from '@tessera/observability';
import { GatewayModule } from './gateway.module.js';
import { documentation } from './operations/documentation.js';
import { queueBoardGuard, serveQueueBoard } from './operators/queue-board.js';

const configuration = configurationOrExit(gatewaySchema);
const logger = createLogger('gateway', configuration.LOG_LEVEL);
const tracing = startTracing({
  service: 'gateway',
  endpoint: configuration.OTEL_EXPORTER_OTLP_ENDPOINT,
  ratio: configuration.OTEL_TRACES_SAMPLER_ARG,
});
const metrics = new Metrics('gateway');
const application = await createHttpApplication(GatewayModule.with(configuration, logger, metrics), {
  logger,
  metrics,
  hasAccessControl: true,
  bodyLimits: { record: configuration.STREAMING_MAX_RECORD_BYTES, batch: configuration.STREAMING_MAX_BATCH_BYTES },
  publicPaths: [DOCS_PATH],
  guardedPaths: queueBoardGuard,
});
serveDocumentation(application, documentation);
serveQueueBoard(application);
await runService(application, { logger, port: configuration.PORT, host: configuration.HOST, tracing });
