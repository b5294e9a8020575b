import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { GatewayConfiguration } from '@tessera/config';
import { DOCS_PATH, serveDocumentation, type HttpApplicationOptions } from '@tessera/http';
import type { Logger } from '@tessera/observability';
import { queueBoardGuard, serveQueueBoard } from '../operators/queue-board.js';
import { documentation } from './documentation.js';

/** What the gateway's HTTP side has beyond every service's: callers, larger bodies, and pages for people. */
export function gatewayHttp(configuration: GatewayConfiguration): Omit<HttpApplicationOptions, 'logger' | 'metrics'> {
  return {
    hasAccessControl: true,
    bodyLimits: { record: configuration.STREAMING_MAX_RECORD_BYTES, batch: configuration.STREAMING_MAX_BATCH_BYTES },
    publicPaths: [DOCS_PATH],
    guardedPaths: queueBoardGuard,
  };
}

/** Adds the pages: the API's documentation and the board of the queues. */
export function servePages(application: NestFastifyApplication, logger: Logger): void {
  serveDocumentation(application, documentation);
  serveQueueBoard(application, logger);
}
