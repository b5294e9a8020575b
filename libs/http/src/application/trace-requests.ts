import { beginRequest, isTraced, type OpenSpan } from '@tessera/observability';
import type { FastifyInstance } from 'fastify';

/**
 * Makes each request a step of the trace its client brings, or the beginning of one. Routes are named by their pattern:
 * a path as sent may hold somebody's identity.
 */
export function traceRequests(server: FastifyInstance): void {
  if (!isTraced()) return;
  const steps = new WeakMap<object, OpenSpan>();
  server.addHook('onRequest', (request, _reply, done) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    const step = beginRequest(`${request.method} ${route}`, request.headers, {
      'http.request.method': request.method,
      'http.route': route,
      'tessera.request_id': request.id,
    });
    if (step) steps.set(request, step);
    done();
  });
  // After the body: what parses it runs in the context of the socket, and would lose the step.
  server.addHook('preValidation', (request, _reply, done) => {
    const step = steps.get(request);
    if (step) step.run(done);
    else done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    steps.get(request)?.end({
      attributes: { 'http.response.status_code': reply.statusCode },
      failed: reply.statusCode >= 500,
    });
    done();
  });
}
