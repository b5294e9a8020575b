import type { Caller, Inlet, Requester, RouteRules } from './access/access.js';

/** What hooks leave on a request for those after them, and what a route declares about itself. */
declare module 'fastify' {
  interface FastifyContextConfig {
    rules?: RouteRules;
  }

  interface FastifyRequest {
    /** Who asks; set on every route that is not public. */
    caller?: Caller;
    /** Who asks, and for which sandbox; set where the route needs a sandbox. */
    requester?: Requester;
    /** The streaming connection behind the inlet of the path; set on routes of inlets. */
    inlet?: Inlet;
    /** Organisation and sandbox, once they are known, for log lines. */
    logFields?: Readonly<Record<string, string>>;
  }
}
