import { listSchema } from '../operators/list.schema.js';
import { selectionSchemas } from './dead-letter-query.js';

const text = { type: 'string' };
const instant = { type: 'string', format: 'date-time' };

const recordSchema = { type: 'object', properties: { json: {}, text, base64: text } };

export const deadLetterSchema = {
  type: 'object',
  properties: {
    id: text,
    datasetId: { ...text, description: 'Empty where the record does not even name one' },
    reason: text,
    faults: { type: 'array', items: { type: 'object', properties: { path: text, message: text } } },
    state: {
      ...text,
      enum: ['waiting', 'replaying'],
      description: 'replaying: it is on its way once more, and next either gone or waiting with its new reason',
    },
    record: {
      ...recordSchema,
      description:
        'The record byte for byte: as json where it is some (and as text too, where that has numbers that JSON readers would round), else as text, else as base64',
    },
    correction: {
      ...recordSchema,
      description:
        'What was tried last in its place; reason and faults are about this. Absent when it was the record itself',
    },
    attempts: { type: 'integer', description: 'How often it was tried to apply' },
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

export const deadLetterListSchema = listSchema('Dead letters', deadLetterSchema);

/** A body of a replay. The envelope is checked as the streaming door checks it; nesting is for the worker to judge. */
export const replayBodySchema = {
  type: ['object', 'null'],
  'x-max-depth': 0,
  properties: {
    record: {
      type: 'object',
      description:
        'The corrected streaming envelope, with its header and body; without it the record is tried as it is. The body has no other field',
    },
  },
};

/** Fields it does not know are refused: ignored, a misspelt one would select everything. */
export const replayManyBodySchema = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: selectionSchemas,
  example: { reason: 'unknown-dataset' },
};
