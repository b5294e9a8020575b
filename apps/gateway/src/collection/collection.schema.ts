/** Shapes of the streaming bodies. The envelope itself is checked by hand, once for both doors; here it is described. */

/** Nesting is checked on the record itself, where a fault ends as a dead letter and not as a refusal of its neighbours. */
const uncheckedDepth = { 'x-max-depth': 0 };

export const recordSchema = {
  type: 'object',
  ...uncheckedDepth,
  example: {
    header: {
      schemaRef: { id: 'https://ns.adobe.com/xdm/context/profile', contentType: 'application/vnd.adobe.xed-full+json' },
      datasetId: '<dataset id>',
    },
    body: {
      xdmMeta: { schemaRef: { id: 'https://ns.adobe.com/xdm/context/profile' } },
      xdmEntity: {
        identityMap: { Email: [{ id: 'ada@example.com', primary: true }] },
        person: { name: { firstName: 'Ada' } },
      },
    },
  },
};

export const batchSchema = {
  type: 'object',
  ...uncheckedDepth,
  required: ['messages'],
  properties: { messages: { type: 'array', minItems: 1, description: 'Envelopes as for one record' } },
};

export const recordAnswerSchema = {
  type: 'object',
  required: ['inletId', 'xactionId', 'receivedTimeMs', 'syncValidation'],
  properties: {
    inletId: { type: 'string' },
    xactionId: { type: 'string' },
    receivedTimeMs: { type: 'integer', description: 'Epoch milliseconds' },
    syncValidation: {
      type: 'object',
      properties: { status: { type: 'string', enum: ['pass'] }, skipped: { type: 'boolean' } },
    },
  },
};

export const batchAnswerSchema = {
  type: 'object',
  required: ['inletId', 'batchId', 'receivedTimeMs', 'responses'],
  properties: {
    inletId: { type: 'string' },
    batchId: { type: 'string' },
    receivedTimeMs: { type: 'integer', description: 'Epoch milliseconds' },
    responses: {
      type: 'array',
      items: {
        type: 'object',
        properties: { xactionId: { type: 'string' }, statusCode: { type: 'integer' }, message: { type: 'string' } },
      },
    },
  },
};
