import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type * as access from './access.js';

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the route does not resolve its ${what}: check its access decorators`);
  return value;
}

/** Who asks, and for which sandbox. The name is both the parameter decorator and the parameter's type. */
export type Requester = access.Requester;
export const Requester = createParamDecorator((_data: unknown, context: ExecutionContext): Requester =>
  present(requestOf(context).requester, 'sandbox'),
);

/** Who asks, on routes without a sandbox. */
export type Caller = access.Caller;
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  present(requestOf(context).caller, 'caller'),
);

/** The streaming connection of the request's path. */
export type Inlet = access.Inlet;
export const Inlet = createParamDecorator((_data: unknown, context: ExecutionContext): Inlet =>
  present(requestOf(context).inlet, 'inlet'),
);

/** The id that ties answer, log lines, messages and jobs of one request together. */
export const RequestId = createParamDecorator((_data: unknown, context: ExecutionContext) => requestOf(context).id);
