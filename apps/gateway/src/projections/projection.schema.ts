import { projectionTtl, replicationPolicies, selectorLimits } from '@tessera/domain';
import { mergedSchemaNames } from '../merge-policies/policy.schema.js';
import { selectorCheck } from '../selector-check.js';

const text = { type: 'string', minLength: 1, maxLength: 256 };
const version = { type: 'integer', minimum: 1 };
const link = {
  type: 'object',
  required: ['href', 'templated'],
  properties: { href: { type: 'string' }, templated: { type: 'boolean' } },
};

const destinationProperties = {
  type: { type: 'string', enum: ['EDGE'] },
  dataCenters: {
    type: 'array',
    items: text,
    minItems: 1,
    maxItems: 100,
    uniqueItems: true,
    description: 'Data centres out of those the platform is configured with',
  },
  ttl: { type: 'integer', ...projectionTtl, description: 'Seconds a copy is held' },
  replicationPolicy: {
    type: 'string',
    enum: [...replicationPolicies],
    default: 'REACTIVE',
    description: 'PROACTIVE: pushed with every change. REACTIVE: filled at the first request, kept fresh from then on',
  },
};

const destinationExample = { type: 'EDGE', dataCenters: ['OR1'], ttl: 3_600, replicationPolicy: 'PROACTIVE' };

export const destinationBodySchema = {
  type: 'object',
  required: ['type', 'dataCenters'],
  properties: destinationProperties,
  example: destinationExample,
};

export const destinationChangeSchema = {
  type: 'object',
  required: ['type', 'dataCenters', 'currentVersion'],
  properties: {
    ...destinationProperties,
    currentVersion: { ...version, description: 'The version the change was made from' },
  },
  example: { ...destinationExample, currentVersion: 1 },
};

const configurationProperties = {
  name: { ...text, description: 'Unique among those of the schema; the edge knows the projection by it' },
  selector: {
    type: 'string',
    minLength: 1,
    maxLength: selectorLimits.maxLength,
    description: 'Fields as in `emails,person(firstName,name.lastName)`',
    ...selectorCheck,
  },
  destinationId: text,
};

const configurationExample = { name: 'contact', selector: 'emails,person(firstName)', destinationId: 'the id of one' };

export const configurationBodySchema = {
  type: 'object',
  required: ['name', 'selector', 'destinationId'],
  properties: configurationProperties,
  example: configurationExample,
};

export const configurationChangeSchema = {
  type: 'object',
  required: ['name', 'selector', 'destinationId'],
  properties: {
    ...configurationProperties,
    currentVersion: { ...version, description: 'The version the change was made from; `version` means the same' },
    version,
  },
  anyOf: [{ required: ['currentVersion'] }, { required: ['version'] }],
  example: { ...configurationExample, currentVersion: 1 },
};

export const projectedSchemaParameter = { type: 'string', enum: mergedSchemaNames } as const;

const destination = {
  id: { type: 'string' },
  ...destinationProperties,
  version,
};

export const destinationAnswerSchema = {
  type: 'object',
  required: ['self', 'id', 'type', 'dataCenters', 'ttl', 'replicationPolicy', 'version'],
  properties: { self: link, ...destination },
};

const links = { type: 'object', required: ['self'], properties: { self: link } };

export const destinationListSchema = {
  type: 'object',
  required: ['_links', '_embedded'],
  properties: {
    _links: links,
    _embedded: {
      type: 'object',
      required: ['projectionDestinations'],
      properties: {
        projectionDestinations: {
          type: 'array',
          items: { type: 'object', required: ['_links', 'id'], properties: { _links: links, ...destination } },
        },
      },
    },
  },
};

export const configurationAnswerSchema = {
  type: 'object',
  required: ['_links', '_embedded', 'selector', 'version', 'id', 'schemaName', 'name', 'destinationId'],
  properties: {
    _links: { type: 'object', required: ['destination', 'self'], properties: { destination: link, self: link } },
    _embedded: { type: 'object', required: ['destination'], properties: { destination: destinationAnswerSchema } },
    ...configurationProperties,
    version,
    id: { type: 'string' },
    schemaName: { type: 'string' },
  },
};

export const configurationListSchema = {
  type: 'object',
  required: ['_links', '_embedded'],
  properties: {
    _links: links,
    _embedded: {
      type: 'object',
      required: ['projectionConfigs'],
      properties: { projectionConfigs: { type: 'array', items: configurationAnswerSchema } },
    },
  },
};
