import { idTypes } from '@tessera/domain';

/** Shapes of identity namespaces (spec 04-identity, "Namespaces"). */

const name = { type: 'string', minLength: 1, maxLength: 256, pattern: '\\S' };
const description = { type: 'string', maxLength: 4_096 };
const code = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]{1,128}$',
  description: 'Letters, digits, `_` and `-`; unique without regard to case',
};
/** Published examples spell kinds with small letters too, such as `Cross_device`. */
const idType = {
  type: 'string',
  enum: [...idTypes, ...idTypes.map((type) => `${type.charAt(0)}${type.slice(1).toLowerCase()}`)],
};

export const namespaceBodySchema = {
  type: 'object',
  required: ['name', 'code', 'idType'],
  properties: { name, code, idType, description },
  example: { name: 'Loyalty member', code: 'Loyalty', idType: 'CROSS_DEVICE', description: 'Number on the card' },
};

/** `code` and `idType` may be sent as they are; what else they are is no change but a fault of its own. */
export const namespaceChangeSchema = {
  type: 'object',
  required: ['name'],
  properties: { name, code: { type: 'string' }, idType: { type: 'string' }, description },
  example: { name: 'Loyalty member', description: 'Number on the card' },
};

export const namespaceSchema = {
  type: 'object',
  required: ['id', 'code', 'name', 'description', 'idType', 'status', 'custom', 'createTime', 'updateTime'],
  properties: {
    id: { type: 'integer' },
    code: { type: 'string' },
    name: { type: 'string' },
    description: { type: 'string' },
    idType: { type: 'string', enum: [...idTypes] },
    status: { type: 'string', enum: ['ACTIVE'] },
    custom: { type: 'boolean', description: 'Whether the sandbox added it' },
    createTime: { type: 'integer', description: 'Epoch milliseconds' },
    updateTime: { type: 'integer', description: 'Epoch milliseconds' },
  },
};

export const namespaceListSchema = { type: 'array', items: namespaceSchema };
