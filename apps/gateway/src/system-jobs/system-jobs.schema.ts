import { systemJobTypes } from './system-job-types.js';

const text = { type: 'string' };
const instant = { type: 'string', format: 'date-time' };
const epochSeconds = { type: 'integer', description: 'Epoch seconds' };

const sandbox = {
  type: 'object',
  properties: { sandboxName: text, sandboxId: text, type: text, default: { type: 'boolean' } },
};

/** A system job (spec 09-system-jobs). Published clients of two generations read it, hence both sets of names. */
export const systemJobSchema = {
  type: 'object',
  required: ['id', 'requestId', 'requestType', 'jobType', 'imsOrgId', 'sandbox', 'status', 'properties', 'metrics'],
  properties: {
    id: text,
    requestId: { ...text, description: 'The same as id' },
    requestType: { ...text, enum: [...systemJobTypes] },
    jobType: { ...text, description: 'DELETE for what deletes' },
    imsOrgId: text,
    sandbox,
    status: {
      ...text,
      enum: ['NEW', 'IN-PROGRESS', 'SUCCESS', 'FAILED', 'ERROR'],
      description: 'ERROR: called off',
    },
    properties: { type: 'object', description: 'What was asked for' },
    dataSetId: text,
    batchId: text,
    metrics: { ...text, description: 'A JSON object of counts as text: recordsProcessed, timeTakenInSec and others' },
    progress: { type: 'integer', minimum: 0, maximum: 100, description: 'Per cent' },
    error: { ...text, description: 'Why it failed' },
    createEpoch: epochSeconds,
    updateEpoch: epochSeconds,
    createdAt: instant,
    updatedAt: instant,
  },
};

export const systemJobListSchema = {
  type: 'object',
  required: ['_page', 'children'],
  properties: {
    _page: {
      type: 'object',
      properties: {
        pageSize: { type: 'integer' },
        count: { type: 'integer', description: 'Jobs on this page' },
        start: { type: 'integer', description: 'Number of this page, from 0' },
        totalCount: { type: 'integer' },
        next: { ...text, description: '`start` of the next page; empty on the last one' },
      },
    },
    children: { type: 'array', items: systemJobSchema },
  },
};
