import type { Metrics } from '@tessera/observability';
import type { FastifyInstance } from 'fastify';

/** Times every request by method, route (its pattern, never the path as sent) and status. */
export function measureRequests(server: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram({
    name: 'tessera_http_request_duration_seconds',
    help: 'Seconds from the arrival of a request to the end of its answer.',
    labels: ['method', 'route', 'status'],
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
}
