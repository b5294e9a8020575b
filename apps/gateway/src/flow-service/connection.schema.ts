/** Shapes of streaming connections (spec 03-ingestion, "Streaming"). */

const name = { type: 'string', minLength: 1, maxLength: 256 };
const description = { type: 'string', maxLength: 4_096 };

const connectionSpec = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', minLength: 1, maxLength: 256 }, version: { type: 'string', maxLength: 64 } },
};

const params = {
  name: { type: 'string', maxLength: 256 },
  sourceId: { type: 'string', maxLength: 256 },
  dataType: { type: 'string', enum: ['xdm'] },
  authenticationRequired: {
    type: 'boolean',
    default: true,
    description: 'Whether the inlet takes records only with a token that holds the scope ingest',
  },
};

export const SPECIFICATION_NAME = 'Streaming Connection';

export const connectionBodySchema = {
  type: 'object',
  required: ['name', 'connectionSpec', 'auth'],
  properties: {
    name,
    description,
    connectionSpec,
    auth: {
      type: 'object',
      required: ['specName', 'params'],
      properties: {
        specName: { type: 'string', enum: [SPECIFICATION_NAME] },
        params: { type: 'object', required: ['dataType'], properties: params },
      },
    },
  },
  example: {
    name: 'Tills',
    connectionSpec: { id: 'bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb', version: '1.0' },
    auth: {
      specName: SPECIFICATION_NAME,
      params: { dataType: 'xdm', sourceId: 'tills', authenticationRequired: true },
    },
  },
};

export const connectionReferenceSchema = {
  type: 'object',
  required: ['id', 'etag'],
  properties: { id: { type: 'string', format: 'uuid' }, etag: { type: 'string' } },
};

const connectionSchema = {
  type: 'object',
  required: ['id', 'name', 'connectionSpec', 'auth', 'state', 'etag', 'createdAt', 'updatedAt'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    name,
    description,
    connectionSpec,
    state: { type: 'string', enum: ['enabled'] },
    auth: {
      type: 'object',
      properties: {
        specName: { type: 'string' },
        params: {
          type: 'object',
          required: ['inletUrl', 'inletId', 'dataType', 'authenticationRequired'],
          properties: {
            ...params,
            inletUrl: { type: 'string', description: 'Where records are sent' },
            inletId: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          },
        },
      },
    },
    version: { type: 'string' },
    etag: { type: 'string' },
    createdAt: { type: 'integer', description: 'Epoch milliseconds' },
    updatedAt: { type: 'integer', description: 'Epoch milliseconds' },
    createdBy: { type: 'string', description: 'Client id' },
    imsOrgId: { type: 'string' },
    sandboxId: { type: 'string' },
    sandboxName: { type: 'string' },
  },
};

export const connectionItemsSchema = {
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items: connectionSchema } },
};

export const connectionListSchema = {
  type: 'object',
  required: ['items', '_links'],
  properties: {
    items: { type: 'array', items: connectionSchema },
    _links: {
      type: 'object',
      properties: {
        next: { type: 'object', properties: { href: { type: 'string', description: 'Absent on the last page' } } },
      },
    },
  },
};
