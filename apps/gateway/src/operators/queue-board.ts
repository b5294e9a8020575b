import { createBullBoard } from '@bull-board/api';
import type { AppControllerRoute, BullBoardQueues, ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemFilter, type PathGuard } from '@tessera/http';
import { QueueMonitor } from '@tessera/jobs';
import type { Logger } from '@tessera/observability';
import { problemOfBoard, refuseUndecodable } from './queue-board-problem.js';
import { OperatorAccess } from './operator-access.js';

export const QUEUES_PATH = '/ops/queues';

/**
 * The page needs its own scripts, a worker among them, its pictures, and styles that it writes itself; its fonts it would have
 * from a third party, and does without.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
/** What of the page is fetched from elsewhere: the stylesheet of its fonts. */
const FOREIGN_LINKS = /<link [^>]*href="https?:[^>]*>/g;

/**
 * Bull Board, to look and not to touch: only what reads is served. What a job is and how it ended is in its record, which
 * the board does not know, so that changing the queue by hand would only be undone.
 */
class ReadingBoard extends FastifyAdapter {
  private queues: BullBoardQueues | undefined;

  constructor(private readonly monitor: QueueMonitor) {
    super();
  }

  override setApiRoutes(routes: AppControllerRoute[]): FastifyAdapter {
    const reading = routes.filter(({ method }) => method === 'get');
    return super.setApiRoutes(
      reading.map((route) => ({
        ...route,
        handler: async (request) => {
          const ask = async (): Promise<ControllerHandlerReturnType> =>
            route.handler(request && { ...request, queues: this.current() });
          const answer = await this.monitor.answered(ask).catch(refuseUndecodable);
          const refusal = problemOfBoard(answer);
          if (refusal !== undefined) throw refusal;
          return answer;
        },
      })),
    );
  }

  /** Known once the monitor is open. */
  private current(): BullBoardQueues {
    this.queues ??= new Map(this.monitor.boardQueues().map((queue) => [queue.getName(), queue]));
    return this.queues;
  }
}

/** Who gets to see the board; the application must be made with it. */
export const queueBoardGuard = {
  [QUEUES_PATH]:
    (application: NestFastifyApplication): PathGuard =>
    (request) =>
      application.get(OperatorAccess, { strict: false }).admit(request),
};

/** Serves the board behind {@link queueBoardGuard}. Call before `init()`. */
export function serveQueueBoard(application: NestFastifyApplication, logger: Logger): void {
  const board = new ReadingBoard(application.get(QueueMonitor, { strict: false }));
  board.setBasePath(QUEUES_PATH);
  createBullBoard({
    queues: [],
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Tessera queues', hideRedisDetails: true } },
  });
  const problems = new ProblemFilter(logger);
  const server = application.getHttpAdapter().getInstance();
  server.register(
    (scope, options, done) => {
      // The board would answer errors in a shape of its own.
      scope.addHook('onRoute', (route) => {
        route.errorHandler = (error, request, reply) => problems.answer(error, request, reply);
      });
      scope.addHook('onSend', (_request, reply, payload, next) => {
        reply.header('content-security-policy', POLICY);
        const isPage = typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
        next(null, isPage ? payload.replaceAll(FOREIGN_LINKS, '') : payload);
      });
      board.registerPlugin()(scope, options, done);
    },
    { prefix: QUEUES_PATH },
  );
}
