import 'reflect-metadata';
import '../request-context.js';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import type { Logger, Metrics } from '@tessera/observability';
import { AccessControl } from '../access/access-control.js';
import { ProblemFilter } from '../problem/problem-filter.js';
import { drainConnections } from './draining.js';
import { echoRequestId, guardRoutes, readBodies, type PathGuard } from './hooks.js';
import { nestLogger } from './nest-logger.js';
import { measureRequests } from './request-metrics.js';
import { createAdapter } from './server.js';
import { traceRequests } from './trace-requests.js';

export interface HttpApplicationOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether the root module provides {@link AccessControl}. Without it only public routes answer, as in workers. */
  readonly hasAccessControl?: boolean;
  /** Bytes of the limits that routes name by `@BodyLimit`. */
  readonly bodyLimits?: Readonly<Record<string, number>>;
  /** Starts of paths served by plugins, open to anybody. */
  readonly publicPaths?: readonly string[];
  /** By the start of a path served by a plugin, who may go on. */
  readonly guardedPaths?: Readonly<Record<string, (application: NestFastifyApplication) => PathGuard>>;
}

/**
 * Builds a Nest application on Fastify with everything every service's HTTP side has: problem documents, request ids,
 * admission, body parsers, metrics. Not initialised: call `init()` (tests) or {@link runService}.
 */
export async function createHttpApplication(
  rootModule: Type | DynamicModule,
  options: HttpApplicationOptions,
): Promise<NestFastifyApplication> {
  const application = await NestFactory.create<NestFastifyApplication>(rootModule, createAdapter(), {
    logger: nestLogger(options.logger),
    bodyParser: false,
    abortOnError: false,
  });
  const server = application.getHttpAdapter().getInstance();
  const access = options.hasAccessControl ? application.get(AccessControl, { strict: false }) : undefined;
  drainConnections(server);
  traceRequests(server);
  measureRequests(server, options.metrics);
  echoRequestId(server);
  const guards = Object.entries(options.guardedPaths ?? {}).map(([path, guard]) => [path, guard(application)] as const);
  guardRoutes(server, access, options.publicPaths ?? [], new Map(guards));
  readBodies(server, options.bodyLimits ?? {});
  application.useGlobalFilters(new ProblemFilter(options.logger));
  return application;
}
