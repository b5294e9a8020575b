import type { SchemaObject } from '@nestjs/swagger';
import type { IdentityGraphType, AttributeMergeType } from '@tessera/domain';

/** The classes of records that merge (spec 06-entities). */
export const mergedSchemaNames = ['_xdm.context.profile', '_xdm.context.account', '_xdm.context.opportunity'] as const;

const graphTypes: readonly IdentityGraphType[] = ['none', 'pdg'];
const mergeTypes: readonly AttributeMergeType[] = ['timestampOrdered', 'dataSetPrecedence'];

/** Every part of a policy that a user decides, by its dotted path; what `PATCH` may name. */
export const settingSchemas = {
  name: { type: 'string', minLength: 1, maxLength: 256 },
  'schema.name': { type: 'string', enum: mergedSchemaNames },
  'identityGraph.type': { type: 'string', enum: graphTypes },
  'attributeMerge.type': { type: 'string', enum: mergeTypes },
  'attributeMerge.order': {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 256 },
    minItems: 1,
    maxItems: 1_000,
    uniqueItems: true,
    description: 'Dataset ids, best first',
  },
  isActiveOnEdge: { type: 'boolean' },
  default: { type: 'boolean' },
} as const;
export type SettingPath = keyof typeof settingSchemas;

/** Body of a new policy, and of one that replaces another. */
export const policyBodySchema = {
  type: 'object',
  required: ['name', 'schema', 'identityGraph', 'attributeMerge'],
  properties: {
    name: settingSchemas.name,
    schema: { type: 'object', required: ['name'], properties: { name: settingSchemas['schema.name'] } },
    identityGraph: { type: 'object', required: ['type'], properties: { type: settingSchemas['identityGraph.type'] } },
    attributeMerge: {
      type: 'object',
      required: ['type'],
      properties: { type: settingSchemas['attributeMerge.type'], order: settingSchemas['attributeMerge.order'] },
      if: { properties: { type: { const: 'dataSetPrecedence' } } },
      then: { required: ['order'] },
      else: { properties: { order: false } },
    },
    isActiveOnEdge: { type: 'boolean', default: false },
    default: { type: 'boolean', default: false },
  },
  example: {
    name: 'Loyalty first',
    schema: { name: '_xdm.context.profile' },
    identityGraph: { type: 'pdg' },
    attributeMerge: { type: 'timestampOrdered' },
    isActiveOnEdge: false,
    default: false,
  },
} as const;

const operationSchema = {
  type: 'object',
  required: ['op', 'path'],
  properties: {
    op: { type: 'string', enum: ['add', 'replace', 'remove', 'test'] },
    path: {
      type: 'string',
      enum: Object.keys(settingSchemas).flatMap((path) =>
        path.includes('.') ? [`/${path}`, `/${path.replace('.', '/')}`] : [`/${path}`],
      ),
    },
    value: { description: 'The new value; "true" and "false" are taken as booleans' },
  },
} as const;

/** One JSON Patch operation (RFC 6902), or several that apply together or not at all. */
export const policyPatchSchema = {
  type: ['object', 'array'],
  if: { type: 'array' },
  then: { type: 'array', minItems: 1, maxItems: 100, items: operationSchema },
  else: operationSchema,
  example: { op: 'replace', path: '/identityGraph.type', value: 'none' },
} as const;

export const bulkGetSchema = {
  type: 'object',
  required: ['ids'],
  properties: {
    ids: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: { type: 'object', required: ['id'], properties: { id: { type: 'string', minLength: 1 } } },
    },
  },
} as const;

const sandboxSchema: SchemaObject = {
  type: 'object',
  properties: {
    sandboxId: { type: 'string' },
    sandboxName: { type: 'string' },
    type: { type: 'string', enum: ['production', 'development'] },
    default: { type: 'boolean' },
  },
};

/** A policy as answers show it. */
export const policyAnswerSchema: SchemaObject = {
  type: 'object',
  required: ['id', 'name', 'imsOrgId', 'sandbox', 'schema', 'version', 'identityGraph', 'attributeMerge'],
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    imsOrgId: { type: 'string' },
    sandbox: sandboxSchema,
    schema: { type: 'object', properties: { name: { type: 'string' } } },
    version: { type: 'integer', minimum: 1, description: 'Every change raises it by one' },
    identityGraph: { type: 'object', properties: { type: { type: 'string' } } },
    attributeMerge: {
      type: 'object',
      properties: { type: { type: 'string' }, order: { type: 'array', items: { type: 'string' } } },
    },
    isActiveOnEdge: { type: 'boolean' },
    default: { type: 'boolean' },
    updateEpoch: { type: 'integer', description: 'Epoch seconds of the last change' },
  },
};

export const policyListSchema: SchemaObject = {
  type: 'object',
  required: ['_page', 'children', '_links'],
  properties: {
    _page: {
      type: 'object',
      properties: {
        totalCount: { type: 'integer', description: 'Policies that match' },
        pageSize: { type: 'integer', description: 'Policies a page holds at most' },
        count: { type: 'integer', description: 'Policies on this page' },
      },
    },
    children: { type: 'array', items: policyAnswerSchema },
    _links: {
      type: 'object',
      properties: {
        next: {
          type: 'object',
          properties: { href: { type: 'string', description: 'Its query fetches the next page; empty on the last' } },
        },
      },
    },
  },
};

export const bulkGetAnswerSchema: SchemaObject = {
  type: 'object',
  required: ['results'],
  properties: {
    results: {
      type: 'object',
      description: 'By id: the policy, or the problem document of an unknown one',
      additionalProperties: { type: 'object' },
    },
  },
};
