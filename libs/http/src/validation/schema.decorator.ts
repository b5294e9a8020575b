import 'reflect-metadata';
import { FASTIFY_ROUTE_SCHEMA_METADATA } from '@nestjs/platform-fastify/constants.js';
import { ApiExtension } from '@nestjs/swagger';
import { schemaExtension } from '../openapi/operation.js';
import type { ParameterSchema } from './query.js';
import type { JsonSchema } from './validator.js';

interface RouteSchemas {
  readonly body?: JsonSchema;
  readonly querystring?: JsonSchema;
  readonly params?: JsonSchema;
}

/** @param documented what the API's document says of the same. */
function declareSchemas(schemas: RouteSchemas, documented = schemas): MethodDecorator {
  return (target, key, descriptor) => {
    const { body, querystring } = documented;
    if (body !== undefined) ApiExtension(schemaExtension('body'), body)(target, key, descriptor);
    if (querystring !== undefined) ApiExtension(schemaExtension('querystring'), querystring)(target, key, descriptor);
    const handler = descriptor.value as object;
    const known = (Reflect.getMetadata(FASTIFY_ROUTE_SCHEMA_METADATA, handler) ?? {}) as RouteSchemas;
    Reflect.defineMetadata(FASTIFY_ROUTE_SCHEMA_METADATA, { ...known, ...schemas }, handler);
  };
}

/**
 * The body must match this JSON Schema: otherwise 400 with every fault. The schema also documents the body. A body is
 * required unless the schema's type allows `null`.
 */
export const ValidBody = (schema: JsonSchema): MethodDecorator => declareSchemas({ body: schema });

/**
 * Documents a body as {@link ValidBody} does, and leaves the check to the handler, which knows more of it and tells every
 * fault together. Whatever is no object, or nests deeper than the schema allows, is refused before.
 */
export const HandledBody = (schema: JsonSchema): MethodDecorator => {
  const depth = schema['x-max-depth'];
  return declareSchemas(
    { body: { type: 'object', ...(depth !== undefined && { 'x-max-depth': depth }) } },
    { body: schema },
  );
};

/**
 * The query parameters the operation knows, by name. Their values are checked (400) and arrive in `@Query()` with the type
 * the schema names. Parameters not named are ignored, as the published API ignores them.
 *
 * @param required names of those that must be given.
 */
export const ValidQuery = (
  parameters: Readonly<Record<string, ParameterSchema>>,
  required: readonly string[] = [],
): MethodDecorator => declareSchemas({ querystring: { type: 'object', properties: parameters, required } });

/** Forms of the path parameters, by name: otherwise 400. An id of the wrong form is better answered as unknown (404). */
export const ValidPath = (parameters: Readonly<Record<string, ParameterSchema>>): MethodDecorator =>
  declareSchemas({ params: { type: 'object', properties: parameters } });
