import 'reflect-metadata';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { ApiExtension } from '@nestjs/swagger';
import { ruleExtension } from '../openapi/operation.js';
import type { RouteRules, Scope } from './access.js';

/**
 * Adds to what a handler declares about itself. Fastify hands it to the hooks as the route's `config.rules`; the same
 * facts go into the OpenAPI document.
 */
export function declareRules(rules: RouteRules): MethodDecorator {
  return (target, key, descriptor) => {
    for (const [rule, value] of Object.entries(rules)) {
      ApiExtension(ruleExtension(rule as keyof RouteRules), value)(target, key, descriptor);
    }
    const handler = descriptor.value as object;
    const config = (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) ?? {}) as { rules?: RouteRules };
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...config, rules: { ...config.rules, ...rules } }, handler);
  };
}

/** The operation needs a token that holds `scope`. */
export const RequireScope = (scope: Scope): MethodDecorator => declareRules({ access: scope });

/** The operation needs no token at all: health, metrics, documentation, the token endpoint. */
export const Public = (): MethodDecorator => declareRules({ access: 'public' });

/**
 * The streaming connection named by the path parameter `inletId` decides: it fixes organisation and sandbox, and whether a
 * token with the scope `ingest` is needed. Errors also carry `report.message`.
 */
export const InletAccess = (): MethodDecorator => declareRules({ access: 'inlet' });

/** The operation is about the whole organisation: it needs no sandbox header. */
export const NoSandbox = (): MethodDecorator => declareRules({ sandbox: false });

/**
 * The operation is passed on to a service that admits by the same rules: while what decides here cannot be read, it decides
 * alone.
 */
export const PassedOn = (): MethodDecorator => declareRules({ passedOn: true });

/** Media types the operation takes instead of `application/json`. */
export const Accepts = (...mediaTypes: readonly string[]): MethodDecorator => declareRules({ accepts: mediaTypes });

/** The largest body, after inflation, by its name in the application's `bodyLimits`. */
export const BodyLimit = (name: string): MethodDecorator => declareRules({ bodyLimit: name });
