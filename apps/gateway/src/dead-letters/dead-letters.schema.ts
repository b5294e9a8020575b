const text = { type: 'string' };
const instant = { type: 'string', format: 'date-time' };

export const deadLetterSchema = {
  type: 'object',
  properties: {
    id: text,
    datasetId: { ...text, description: 'Empty where the record does not even name one' },
    reason: text,
    faults: { type: 'array', items: { type: 'object', properties: { path: text, message: text } } },
    record: {
      type: 'object',
      description: 'The record byte for byte: as json where it is some, else as text, else as base64',
      properties: { json: {}, text, base64: text },
    },
    xactionId: text,
    requestId: text,
    source: {
      type: 'object',
      properties: { topic: text, partition: { type: 'integer' }, offset: { type: 'integer' } },
    },
    acceptedAt: instant,
    firstAttempt: instant,
    lastAttempt: instant,
    keptUntil: instant,
  },
};

export const deadLetterListSchema = {
  type: 'object',
  properties: {
    _page: {
      type: 'object',
      properties: {
        start: { type: 'integer' },
        limit: { type: 'integer' },
        count: { type: 'integer' },
        totalCount: { type: 'integer' },
      },
    },
    children: { type: 'array', items: deadLetterSchema },
  },
};
