import { isJsonObject } from '@tessera/domain';
import { furtherCheck } from '@tessera/http';
import { faultsOfTags } from '@tessera/stores';
import { extensionsSchema } from '../expiry/expiry.schema.js';
import { faultsOfExpiry } from '../expiry/kept-expiry.js';

/** Shapes of the catalogue's bodies and answers (spec 03-ingestion, "Catalogue"). */

const schemaRef = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 2_048, description: 'A schema of the sandbox' },
    contentType: { type: 'string', maxLength: 256 },
  },
};

const tags = {
  type: 'object',
  maxProperties: 1_000,
  additionalProperties: { type: 'array', maxItems: 1_000, items: { type: 'string', maxLength: 4_096 } },
  description:
    '`unifiedProfile` with `enabled:true` feeds profiles (and `isUpsert:true` changes single fields), `unifiedIdentity` with `enabled:true` links identities; `false` switches off, and other values of these two are refused',
};

const fileDescription = {
  type: 'object',
  properties: { format: { type: 'string', enum: ['parquet', 'json'] } },
};

/** What a client decides of a dataset; other fields of a body are ignored. */
export const datasetSettingSchemas = {
  name: { type: 'string', minLength: 1, maxLength: 256, pattern: '\\S' },
  description: { type: 'string', maxLength: 4_096 },
  schemaRef,
  tags,
  fileDescription,
};

const example = {
  name: 'Loyalty members',
  schemaRef: { id: 'https://ns.adobe.com/xdm/context/profile', contentType: 'application/vnd.adobe.xed-full+json' },
  tags: { unifiedProfile: ['enabled:true'], unifiedIdentity: ['enabled:true'] },
};

export const datasetBodySchema = {
  type: 'object',
  required: ['name', 'schemaRef'],
  properties: datasetSettingSchemas,
  example,
};

/** Of a change, only what it changes is judged. */
export const newDatasetSchema = {
  ...datasetBodySchema,
  ...furtherCheck('dataset', (body) =>
    isJsonObject(body) ? [...faultsOfTags(body['tags']), ...faultsOfExpiry(body['extensions'])] : [],
  ),
};

const operation = {
  type: 'object',
  required: ['op', 'path'],
  properties: {
    op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
    path: { type: 'string', maxLength: 4_096, description: 'JSON Pointer, such as /tags/unifiedProfile' },
    from: { type: 'string', maxLength: 4_096, description: 'JSON Pointer; of move and copy' },
    value: {},
  },
};

/** Fields to merge (RFC 7396), or operations of a JSON Patch (RFC 6902). What they make is checked as a whole. */
export const datasetPatchSchema = {
  type: ['object', 'array'],
  if: { type: 'array' },
  then: { type: 'array', minItems: 1, maxItems: 100, items: operation },
  example: { tags: { unifiedProfile: ['enabled:true'] } },
};

const datasetSchema = {
  type: 'object',
  required: ['name', 'schemaRef', 'tags', 'classification', 'created', 'updated', 'version', 'imsOrg', 'sandboxId'],
  properties: {
    ...datasetSettingSchemas,
    classification: {
      type: 'object',
      properties: {
        dataBehavior: { type: 'string', enum: ['record', 'time-series'] },
        managedBy: { type: 'string', enum: ['CUSTOMER'] },
      },
    },
    created: { type: 'integer', description: 'Epoch milliseconds' },
    updated: { type: 'integer', description: 'Epoch milliseconds' },
    version: { type: 'string', description: 'Every change raises its last part' },
    createdUser: { type: 'string', description: 'Client id' },
    imsOrg: { type: 'string' },
    sandboxId: { type: 'string' },
    extensions: { ...extensionsSchema, description: 'How long its events are kept, where that is set' },
  },
};

export const datasetsByIdSchema = { type: 'object', additionalProperties: datasetSchema, description: 'By id' };

export const datasetReferenceSchema = {
  type: 'array',
  minItems: 1,
  maxItems: 1,
  items: { type: 'string', pattern: '^@/dataSets/[0-9a-f]{24}$' },
};
