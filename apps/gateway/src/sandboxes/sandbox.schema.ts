import { sandboxName } from './sandbox-directory.js';

/** Shapes of sandboxes (spec 02-conventions, "Sandboxes"). */

const name = { type: 'string', pattern: sandboxName.source, description: 'Lower-case letters, digits and `-`' };
const title = { type: 'string', minLength: 1, maxLength: 256, pattern: '\\S' };
const type = { type: 'string', enum: ['production', 'development'] };

export const sandboxBodySchema = {
  type: 'object',
  required: ['name', 'title', 'type'],
  properties: { name, title, type },
  example: { name: 'staging', title: 'Staging', type: 'development' },
};

export const sandboxSchema = {
  type: 'object',
  required: ['name', 'title', 'type', 'isDefault', 'state', 'region', 'id'],
  properties: {
    name,
    title,
    type,
    isDefault: { type: 'boolean' },
    state: { type: 'string', enum: ['active', 'deleted'] },
    region: { type: 'string' },
    id: { type: 'string', format: 'uuid' },
  },
};

export const sandboxListSchema = {
  type: 'object',
  required: ['sandboxes', '_page'],
  properties: {
    sandboxes: { type: 'array', items: sandboxSchema },
    _page: {
      type: 'object',
      properties: {
        limit: { type: 'integer', description: 'Sandboxes a page holds at most' },
        count: { type: 'integer', description: 'Sandboxes on this page' },
        totalCount: { type: 'integer', description: 'Sandboxes of the organisation' },
      },
    },
  },
};
