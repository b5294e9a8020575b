export const edgeAnswerSchema = {
  type: 'object',
  required: ['entityId', 'projection', 'version', 'asOf', 'entity'],
  properties: {
    entityId: { type: 'string', description: 'XID of the identity asked for' },
    projection: { type: 'string', description: 'Name of the projection' },
    version: { type: 'integer', description: 'Of the copy: larger for later ones' },
    asOf: { type: 'string', format: 'date-time', description: 'The person is shown as of then' },
    entity: {
      type: 'object',
      description: 'What the projection selects of the profile, merged by the policy active on edge',
    },
  },
};
