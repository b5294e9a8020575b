import type { FastifyInstance } from 'fastify';

const INTERVAL_MS = 50;

/**
 * Lets kept-alive connections go once the service stops: each answer then ends its connection, and those that fall idle
 * are closed. Otherwise a stop would last as long as the most patient client.
 */
export function drainConnections(server: FastifyInstance): void {
  let isStopping = false;
  server.addHook('preClose', (done) => {
    isStopping = true;
    if (server.server.listening) {
      const timer = setInterval(() => server.server.closeIdleConnections(), INTERVAL_MS);
      server.server.once('close', () => clearInterval(timer));
    }
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done(null, payload);
  });
}
