export * from './access/access-control.js';
export * from './access/default-sandbox.js';
export * from './access/development-keys.js';
export * from './access/key-sources.js';
export * from './access/requester.decorator.js';
export * from './access/rules.decorator.js';
export * from './access/token-verifier.js';
export {
  isScope,
  scopes,
  type InletLookup,
  type RouteRules,
  type Sandbox,
  type SandboxLookup,
  type Scope,
} from './access/access.js';
export * from './application/closed-at-shutdown.js';
export * from './application/create-http-application.js';
export type { GuardedRequest, PathGuard } from './application/hooks.js';
export * from './application/run-service.js';
export * from './application/start-service.js';
export * from './body/form-parser.js';
export { verbatim } from './body/verbatim.js';
export { BodyStream, StreamedBody } from './body/streamed-body.js';
export * from './health/operations.module.js';
export * from './health/readiness-checks.js';
export * from './openapi/openapi-document.js';
export * from './paging/paging.js';
export * from './problem/catalogue.js';
export * from './problem/errors-page.js';
export * from './problem/problem-document.js';
export * from './problem/problem-error.js';
export { ProblemFilter } from './problem/problem-filter.js';
export * from './validation/depth.js';
export { escapePointer } from './validation/error-path.js';
export * from './validation/faults.js';
export { furtherCheck, type FurtherCheck } from './validation/further-check.js';
export * from './validation/query.js';
export * from './validation/schema.decorator.js';
export * from './validation/validator.js';
