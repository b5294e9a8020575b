import type { OpenAPIObject } from '@nestjs/swagger';
import type { RouteRules } from '../access/access.js';
import type { JsonSchema } from '../validation/validator.js';

type PathItem = OpenAPIObject['paths'][string];
export type Operation = NonNullable<PathItem['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

/** Where decorators leave for the document what they enforce; removed from it when it is finished. */
export const ruleExtension = (rule: keyof RouteRules): string => `x-rule-${rule}`;
export const schemaExtension = (part: 'body' | 'querystring'): string => `x-schema-${part}`;

const requestId = { $ref: '#/components/parameters/RequestId' };
const streamedBody = { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } };
const problemAnswer = { $ref: '#/components/responses/Problem' };

/**
 * One operation as it is documented: its own summary and answers, and everything else from what its route enforces, so
 * that document and behaviour cannot drift apart.
 */
export function finishOperation(path: string, operation: Operation): Operation {
  const { facts, rest } = splitFacts(operation);
  const access = facts.get(ruleExtension('access')) as RouteRules['access'];
  const needsSandbox = facts.get(ruleExtension('sandbox')) !== false;
  const query = facts.get(schemaExtension('querystring')) as JsonSchema | undefined;
  const body = facts.get(schemaExtension('body')) as JsonSchema | undefined;
  const streamsBody = facts.get(ruleExtension('streamsBody')) === true;
  const accepts = facts.get(ruleExtension('accepts')) as readonly string[] | undefined;
  return {
    ...rest,
    parameters: [...pathParameters(path, rest.parameters ?? []), ...queryParameters(query), requestId],
    ...(body === undefined ? {} : { requestBody: requestBody(body, accepts ?? ['application/json']) }),
    ...(streamsBody && { requestBody: streamedBody }),
    security: securityOf(access, needsSandbox),
    responses: {
      ...rest.responses,
      ...(access === 'public' ? {} : { 401: problemAnswer, 403: problemAnswer }),
      default: problemAnswer,
    },
  };
}

function splitFacts(operation: Operation): { readonly facts: Map<string, unknown>; readonly rest: Operation } {
  const isFact = (key: string) => key.startsWith('x-rule-') || key.startsWith('x-schema-');
  const entries = Object.entries(operation);
  return {
    facts: new Map(entries.filter(([key]) => isFact(key))),
    rest: Object.fromEntries(entries.filter(([key]) => !isFact(key))) as unknown as Operation,
  };
}

function pathParameters(path: string, described: readonly Parameter[]): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const own = described.find(
      (parameter) => 'name' in parameter && parameter.name === name && parameter.in === 'path',
    );
    const description = own !== undefined && 'description' in own ? own.description : undefined;
    return { name, in: 'path', required: true, schema: { type: 'string' }, ...(description && { description }) };
  });
}

function queryParameters(schema: JsonSchema | undefined): Parameter[] {
  if (schema === undefined) return [];
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>>;
  const required = schema['required'] as readonly string[];
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(typeof description === 'string' && { description }),
    schema: property,
  }));
}

function requestBody(schema: JsonSchema, mediaTypes: readonly string[]): NonNullable<Operation['requestBody']> {
  const type = schema['type'];
  const content = mediaTypes.map((mediaType) => [mediaType.replace(/;.*$/, ''), { schema }] as const);
  return { required: !(Array.isArray(type) && type.includes('null')), content: Object.fromEntries(content) };
}

function securityOf(access: RouteRules['access'], needsSandbox: boolean): Record<string, string[]>[] {
  if (access === undefined || access === 'public') return [];
  if (access === 'inlet') return [{ bearer: ['ingest'] }, {}];
  return [{ bearer: [access], apiKey: [], organisation: [], ...(needsSandbox && { sandbox: [] }) }];
}
