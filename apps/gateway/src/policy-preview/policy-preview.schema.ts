import { policyBodySchema } from '../merge-policies/policy.schema.js';
import { profilesSchema } from '../profile-access/profile-access.schema.js';

const MOST_IDENTITIES = 100;

const text = { type: 'string' };

export const previewBodySchema = {
  type: 'object',
  required: ['policy', 'identities'],
  properties: {
    policy: policyBodySchema,
    identities: {
      type: 'array',
      minItems: 1,
      maxItems: MOST_IDENTITIES,
      items: { type: 'object', description: 'An XID as `entityId`, or a value with `entityIdNS.code`' },
    },
    compareTo: { ...text, minLength: 1, description: 'Id of a policy of the same schema; its default when absent' },
  },
  example: {
    policy: policyBodySchema.example,
    identities: [{ entityId: 'ada@example.com', entityIdNS: { code: 'Email' } }],
  },
};

const difference = {
  type: 'object',
  required: ['kind', 'path', 'pointer'],
  properties: {
    kind: { type: 'string', enum: ['added', 'removed', 'changed'] },
    path: text,
    pointer: { ...text, description: 'JSON Pointer: exact whatever the names contain' },
    before: { description: 'Under the policy compared with' },
    after: { description: 'Under the policy of the request' },
  },
};

export const previewAnswerSchema = {
  type: 'object',
  required: ['results'],
  properties: {
    comparedTo: {
      type: 'object',
      description: 'Absent where the schema has no default policy: then with the identity alone, merged by age',
      properties: { id: text },
    },
    results: {
      type: 'object',
      description: 'By the XID of each identity',
      additionalProperties: {
        type: 'object',
        properties: {
          profile: profilesSchema.additionalProperties,
          differences: { type: 'array', items: difference },
          error: { type: 'object', description: 'A problem, in place of the profile' },
        },
      },
    },
  },
};
