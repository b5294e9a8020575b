import { selectorCheck } from '../selector-check.js';
import { exportCheck, instantCheck } from './export-checks.js';

/** Shapes of exports (spec 07-export-jobs). */

const text = { type: 'string' };
const instant = { type: 'string', maxLength: 64, description: 'ISO 8601', ...instantCheck };
const selector = {
  type: 'string',
  minLength: 1,
  maxLength: 16_384,
  description: 'Dotted paths, separated by commas',
  ...selectorCheck,
};
const epochMillis = { type: 'integer', description: 'Epoch milliseconds' };

/** Segments of one export at most: each is looked for in every profile, or is a batch of its own. */
const MOST_SEGMENTS = 100;

const segment = {
  type: 'object',
  required: ['segmentId'],
  properties: {
    segmentId: { type: 'string', minLength: 1, maxLength: 256 },
    segmentNs: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      description: 'As it is written in `segmentMembership`, in the same case; whatever its namespace, when absent',
    },
    status: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      items: { type: 'string', minLength: 1, maxLength: 64 },
      description: 'realized and existing, when absent',
    },
  },
};

const filter = {
  type: 'object',
  properties: {
    segments: { type: 'array', minItems: 1, maxItems: MOST_SEGMENTS, items: segment },
    segmentQualificationTime: {
      type: 'object',
      description: 'When those wanted qualified for a wanted segment: from startTime up to but not including endTime',
      properties: { startTime: instant, endTime: instant },
    },
    fromIngestTimestamp: {
      ...instant,
      description: 'Only people of whom a record was accepted after this; of people known by events only, an event',
    },
  },
};

const destination = {
  type: 'object',
  required: ['datasetId'],
  properties: {
    datasetId: { type: 'string', minLength: 1, maxLength: 256 },
    segmentPerBatch: { type: 'boolean', default: false, description: 'One batch for each segment of the filter' },
  },
};

export const exportBodySchema = {
  type: 'object',
  required: ['destination', 'schema'],
  ...exportCheck,
  properties: {
    fields: { ...selector, description: `${selector.description}; everything when absent` },
    mergePolicy: {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string', maxLength: 256 }, version: { type: 'integer', minimum: 1 } },
      description: 'The default policy, when absent',
    },
    additionalFields: {
      type: 'object',
      properties: {
        eventList: {
          type: 'object',
          properties: {
            fields: selector,
            filter: {
              type: 'object',
              properties: { fromIngestTimestamp: { ...instant, description: 'Only events accepted after this' } },
            },
          },
        },
      },
    },
    filter,
    destination,
    schema: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', enum: ['_xdm.context.profile'] } },
    },
    emptyProfiles: {
      type: 'boolean',
      default: false,
      description: 'Whether people who are known by events only are exported too',
    },
    evaluationInfo: { type: 'object', description: 'Accepted and ignored' },
  },
  example: {
    fields: 'person.name,personalEmail',
    mergePolicy: { id: '2b43d78d-0ad4-4c1e-ac2d-574c09b01119' },
    destination: { datasetId: '5b7c86968f7b6501e21ba9df' },
    schema: { name: '_xdm.context.profile' },
  },
};

const duration = {
  type: 'object',
  properties: { startTimeInMs: epochMillis, endTimeInMs: epochMillis, totalTimeInMs: { type: 'integer' } },
};

export const exportJobSchema = {
  type: 'object',
  required: ['id', 'status', 'schema', 'destination', 'metrics', 'requestId', 'imsOrgId', 'creationTime', 'updateTime'],
  properties: {
    profileInstanceId: text,
    jobType: text,
    id: { type: 'integer', description: 'Unique in the organisation, and larger than those of older exports' },
    schema: { type: 'object', properties: { name: text } },
    fields: text,
    mergePolicy: { type: 'object', properties: { id: text, version: { type: 'integer' } } },
    status: { ...text, enum: ['NEW', 'QUEUED', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] },
    progress: { type: 'integer', minimum: 0, maximum: 100, description: 'Per cent' },
    requestId: text,
    computeGatewayJobId: { type: 'object' },
    metrics: {
      type: 'object',
      properties: {
        totalTime: duration,
        profileExportTime: duration,
        totalExportedProfileCounter: { type: 'integer' },
        exportedProfileByNamespaceCounter: { type: 'object', additionalProperties: { type: 'integer' } },
      },
    },
    destination: {
      type: 'object',
      properties: {
        datasetId: text,
        segmentPerBatch: { type: 'boolean' },
        batchId: { ...text, description: 'Absent where each segment has a batch of its own' },
        batches: {
          type: 'array',
          items: { type: 'object', properties: { ...segment.properties, batchId: text } },
          description: 'Where each segment has a batch of its own: the segments of the filter, in its order',
        },
      },
    },
    filter: { type: 'object' },
    additionalFields: { type: 'object' },
    errors: { type: 'array', items: { type: 'object', properties: { code: text, msg: text } } },
    updateTime: epochMillis,
    imsOrgId: text,
    creationTime: epochMillis,
  },
};

export const exportListSchema = {
  type: 'object',
  required: ['records', 'page', 'link'],
  properties: {
    records: { type: 'array', items: exportJobSchema },
    page: {
      type: 'object',
      properties: {
        sortField: text,
        sort: text,
        pageOffset: { ...text, description: 'The `offset` that was asked for; empty on the first page' },
        pageSize: { type: 'integer' },
        totalCount: { type: 'integer' },
      },
    },
    link: { type: 'object', properties: { next: { ...text, description: 'Empty on the last page' } } },
  },
};
