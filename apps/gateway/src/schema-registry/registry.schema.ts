import { isSourcePath } from '@tessera/domain';
import { furtherCheck } from '@tessera/http';

/** Shapes of the schema registry's bodies and answers (spec 03-ingestion, "Schemas"). */

/** A schema nests deeper than the records it is for: every level of those takes `properties` or `items` as well. */
const depth = { 'x-max-depth': 128 };

const schemaFields = {
  title: { type: 'string', minLength: 1, maxLength: 256, pattern: '\\S' },
  description: { type: 'string', maxLength: 4_096 },
  'meta:class': { type: 'string', maxLength: 2_048, description: 'What records of it are: a class by id or name' },
  'meta:immutableTags': {
    type: 'array',
    maxItems: 100,
    items: { type: 'string', maxLength: 256 },
    description: '`union` enables the schema for profiles, for good',
  },
};

/** A JSON Schema (draft 7), also of parts by `allOf` and `$ref`. Fields that are not a client's to decide are ignored. */
export const schemaBodySchema = {
  type: 'object',
  required: ['title'],
  properties: schemaFields,
  ...depth,
  example: {
    title: 'Loyalty members',
    type: 'object',
    'meta:class': 'https://ns.adobe.com/xdm/context/profile',
    properties: { loyalty: { type: 'object', properties: { tier: { type: 'string', enum: ['gold', 'silver'] } } } },
  },
};

const operation = {
  type: 'object',
  required: ['op', 'path'],
  properties: {
    op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
    path: {
      type: 'string',
      maxLength: 4_096,
      description: 'JSON Pointer, such as /definitions/loyalty/properties/tier',
    },
    from: { type: 'string', maxLength: 4_096, description: 'JSON Pointer; of move and copy' },
    value: {},
  },
};

/** Operations of a JSON Patch (RFC 6902). What they make is checked as a whole. */
export const schemaPatchSchema = {
  type: 'array',
  minItems: 1,
  maxItems: 1_000,
  items: operation,
  ...depth,
  example: [{ op: 'add', path: '/meta:immutableTags', value: ['union'] }],
};

export const schemaAnswerSchema = {
  type: 'object',
  required: ['$id', 'meta:altId', 'meta:resourceType', 'version', 'title', 'meta:class'],
  properties: {
    'meta:altId': { type: 'string' },
    'meta:resourceType': { type: 'string', enum: ['schemas', 'unions'] },
    version: { type: 'string', description: 'Every change raises its last part' },
    ...schemaFields,
    'meta:extends': { type: 'array', items: { type: 'string' } },
  },
  // Common tools take a property of this very name for the keyword, and the document that describes it for broken.
  patternProperties: { '^\\$id$': { type: 'string' } },
};

const page = {
  type: 'object',
  properties: {
    orderby: { type: 'string' },
    next: { type: ['string', 'null'], description: '`start` of the next page' },
    count: { type: 'integer', description: 'Items on this page' },
  },
};

const links = {
  type: 'object',
  properties: { next: { type: 'object', properties: { href: { type: 'string' } } } },
};

export const schemaListSchema = {
  type: 'object',
  required: ['results', '_page'],
  properties: { results: { type: 'array', items: schemaAnswerSchema }, _page: page, _links: links },
};

const pathCheck = furtherCheck('field-path', (value) =>
  typeof value !== 'string' || isSourcePath(value)
    ? []
    : [{ path: '', message: 'must be the path of a field, such as /personalEmail/address' }],
);

export const descriptorBodySchema = {
  type: 'object',
  required: ['@type', 'xdm:sourceSchema', 'xdm:sourceProperty', 'xdm:namespace'],
  properties: {
    '@type': { type: 'string', enum: ['xdm:descriptorIdentity'] },
    'xdm:sourceSchema': { type: 'string', minLength: 1, maxLength: 2_048, description: '`$id` of a schema' },
    'xdm:sourceVersion': { type: 'integer', minimum: 1 },
    'xdm:sourceProperty': {
      type: 'string',
      minLength: 1,
      maxLength: 2_048,
      description: 'Path of a string field',
      ...pathCheck,
    },
    'xdm:namespace': { type: ['string', 'integer'], description: 'Code, or id where `xdm:property` is `xdm:id`' },
    'xdm:property': { type: 'string', enum: ['xdm:code', 'xdm:id'], default: 'xdm:code' },
    'xdm:isPrimary': { type: 'boolean', default: false, description: 'Whether records are stored under it' },
  },
  example: {
    '@type': 'xdm:descriptorIdentity',
    'xdm:sourceSchema': 'https://ns.tessera.dev/4f1c/schemas/0a1b',
    'xdm:sourceVersion': 1,
    'xdm:sourceProperty': '/personalEmail/address',
    'xdm:namespace': 'Email',
    'xdm:property': 'xdm:code',
    'xdm:isPrimary': true,
  },
};

export const descriptorAnswerSchema = {
  type: 'object',
  required: ['@id', '@type', 'xdm:sourceSchema', 'xdm:sourceProperty', 'xdm:namespace', 'xdm:isPrimary'],
  properties: { '@id': { type: 'string' }, ...descriptorBodySchema.properties },
};

export const descriptorListSchema = {
  type: 'object',
  required: ['results', '_page'],
  properties: { results: { type: 'array', items: descriptorAnswerSchema }, _page: page, _links: links },
};
