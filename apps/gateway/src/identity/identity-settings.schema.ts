/** Shape of a sandbox's linking rules (spec 04-identity, "Linking rules"). */
export const identitySettingsSchema = {
  type: 'object',
  required: ['namespaces'],
  properties: {
    namespaces: {
      type: 'array',
      maxItems: 1_000,
      items: {
        type: 'object',
        required: ['code'],
        properties: {
          code: { type: 'string', minLength: 1, maxLength: 128, description: 'Of a namespace of the sandbox' },
          unique: { type: 'boolean', description: 'Whether a person may have at most one value; false when absent' },
          priority: {
            type: 'integer',
            minimum: 1,
            maximum: 1_000_000,
            description: '1 is the highest; that of its type when absent: person 1, device 2, cookie 3',
          },
        },
      },
    },
  },
  example: { namespaces: [{ code: 'Email', unique: true, priority: 1 }] },
};
