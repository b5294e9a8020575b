/** Shapes of what is said about the expiry of events (spec 03-ingestion, "Expiry"). */

const ttlValue = {
  type: ['string', 'null'],
  maxLength: 32,
  description:
    'ISO 8601 duration in whole days, weeks, months (of 30 days) and years (of 365), such as P30D; at least P1D. null: for ever',
};

const rowExpiration = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ttlValue,
    valueStatus: { type: 'string', enum: ['custom', 'default'] },
    setBy: { type: 'string', enum: ['user', 'service'] },
    updated: { type: 'integer', description: 'When it was set; epoch milliseconds' },
    defaultValue: { ...ttlValue, description: 'What holds where nothing is set: null, for ever' },
    minValue: { type: 'string' },
    maxValue: { type: 'string' },
  },
};

/**
 * A change of expiry, or what was read with another `ttlValue` in it. Other fields are refused: a rule that nobody keeps is
 * worse than none.
 */
export const expiryBodySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['extensions'],
  properties: {
    extensions: {
      type: 'object',
      additionalProperties: false,
      required: ['adobe_unifiedProfile'],
      properties: {
        adobe_unifiedProfile: {
          type: 'object',
          additionalProperties: false,
          required: ['rowExpiration'],
          properties: {
            rowExpiration: { ...rowExpiration, required: ['ttlValue'] },
          },
        },
      },
    },
  },
  example: { extensions: { adobe_unifiedProfile: { rowExpiration: { ttlValue: 'P30D' } } } },
};

export const extensionsSchema = {
  type: 'object',
  properties: { adobe_unifiedProfile: { type: 'object', properties: { rowExpiration } } },
};

export const ttlSchema = { type: 'object', required: ['extensions'], properties: { extensions: extensionsSchema } };
