import { gatewaySchema, loadConfiguration } from '@tessera/config';
import { createHttpApplication, createOpenApiDocument, renderErrorsPage } from '@tessera/http';
import { createLogger, Metrics } from '@tessera/observability';
import { GatewayModule } from '../gateway.module.js';
import { documentation } from './documentation.js';

/** A gateway that is put together but never connects: its document needs no server. */
const environment = {
  NODE_ENV: 'development',
  ISSUER: 'development',
  KAFKA_BROKERS: 'localhost:9092',
  MONGODB_URI: 'mongodb://localhost:27017',
  REDIS_URL: 'redis://localhost:6379',
  OBJECT_STORAGE_URL: 'file:///var/lib/tessera',
};

/** The pages of `docs/` that are made from the code, by their path in the repository. */
export async function documentationFiles(): Promise<Readonly<Record<string, string>>> {
  const logger = createLogger('documentation', 'error');
  const metrics = new Metrics('documentation');
  const module = GatewayModule.with(loadConfiguration(gatewaySchema, environment), logger, metrics);
  const application = await createHttpApplication(module, { logger, metrics });
  try {
    const document = createOpenApiDocument(application, documentation);
    return {
      'docs/errors.md': renderErrorsPage(),
      'docs/openapi.json': `${JSON.stringify(document, null, 2)}\n`,
    };
  } finally {
    await application.close();
  }
}
