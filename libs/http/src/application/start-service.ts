import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger, Metrics, startTracing, type Logger, type LogLevel } from '@tessera/observability';
import { createHttpApplication, type HttpApplicationOptions } from './create-http-application.js';
import { giveWay } from './give-way.js';
import { runService } from './run-service.js';

/** What the environment says about any service. */
export interface ServiceEnvironment {
  readonly HOST: string;
  readonly PORT: number;
  readonly LOG_LEVEL: LogLevel;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

export interface Service extends Omit<HttpApplicationOptions, 'logger' | 'metrics'> {
  /** As it is called in logs, metrics and traces. */
  readonly name: string;
  readonly environment: ServiceEnvironment;
  readonly module: (logger: Logger, metrics: Metrics) => DynamicModule;
  /** Whether it gives way where processors are scarce, as long jobs do: nobody waits for the next moment of one. */
  readonly givesWay?: true;
  /** Adds what is not the module's, before the service listens. */
  readonly prepare?: (application: NestFastifyApplication, logger: Logger) => void;
}

/** Starts a service: the whole of its `main.ts`, but for what it is made of. It ends with the process. */
export async function startService({
  name,
  environment,
  module,
  givesWay,
  prepare,
  ...options
}: Service): Promise<void> {
  if (givesWay) giveWay();
  const logger = createLogger(name, environment.LOG_LEVEL);
  const metrics = new Metrics(name);
  const tracing = startTracing({
    service: name,
    endpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    ratio: environment.OTEL_TRACES_SAMPLER_ARG,
  });
  const application = await createHttpApplication(module(logger, metrics), { logger, metrics, ...options });
  prepare?.(application, logger);
  await runService(application, { logger, port: environment.PORT, host: environment.HOST, tracing });
}
