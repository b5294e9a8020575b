import { batchFormats, batchStatuses } from '@tessera/stores';

/** Shapes of batches in bodies and answers (spec 03-ingestion, "Batches"). */

const percent = { type: 'number', minimum: 0, maximum: 100 };
const instant = (description: string) => ({ type: 'integer', description: `${description}, epoch milliseconds` });

const settings = {
  inputFormat: {
    type: 'object',
    required: ['format'],
    properties: {
      format: {
        type: 'string',
        enum: [...batchFormats],
        description:
          'Cells of CSV are text, and become numbers and dates where the schema has them, but no booleans except whether an identity is primary: send other booleans as JSON or Parquet',
      },
      isMultiLineJson: { type: 'boolean', description: 'A file is one JSON array instead of one object a line' },
    },
  },
  externalId: { type: 'string', minLength: 1, maxLength: 256, description: 'Unique in the sandbox' },
  tags: {
    type: 'object',
    maxProperties: 1_000,
    additionalProperties: { type: 'array', maxItems: 1_000, items: { type: 'string', maxLength: 4_096 } },
  },
  enableErrorDiagnostics: { type: 'boolean', description: 'Kept and shown; bad rows can be downloaded in either case' },
  partialIngestionPercent: {
    ...percent,
    description: 'Share of bad rows up to which good rows are taken; 0 if absent',
  },
  replay: {
    type: 'object',
    required: ['predecessors'],
    properties: {
      predecessors: { type: 'array', minItems: 1, maxItems: 100, items: { type: 'string', maxLength: 64 } },
      reason: { type: 'string', enum: ['replace'] },
    },
    description: 'Successful batches of the same dataset of events, whose events go as those of this batch appear',
  },
};

export const newBatchSchema = {
  type: 'object',
  required: ['datasetId', 'inputFormat'],
  properties: {
    datasetId: { type: 'string', minLength: 1, maxLength: 64 },
    ...settings,
    partialIngestionPercentage: { ...percent, description: 'The same under its other name' },
  },
  example: { datasetId: '65f1c0ffee0000000000cafe', inputFormat: { format: 'json' } },
};

const metricNames = ['inputRecordCount', 'outputRecordCount', 'failedRecordCount', 'inputByteSize'];

const batchProperties = {
  imsOrg: { type: 'string' },
  sandboxId: { type: 'string' },
  status: { type: 'string', enum: [...batchStatuses] },
  relatedObjects: {
    type: 'array',
    items: { type: 'object', properties: { type: { type: 'string', enum: ['dataSet'] }, id: { type: 'string' } } },
  },
  ...settings,
  metrics: { type: 'object', properties: Object.fromEntries(metricNames.map((name) => [name, { type: 'integer' }])) },
  errors: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        code: { type: 'string' },
        description: { type: 'string' },
        recordCount: { type: 'integer', description: '0 where it is about the batch as a whole' },
      },
    },
  },
  created: instant('When it was created'),
  updated: instant('When it last changed'),
  loaded: instant('When its client completed it: the acceptance of its rows'),
  started: instant('When a worker began with it'),
  completed: instant('When it succeeded, failed or was aborted'),
  createdUser: { type: 'string', description: 'Client id' },
  updatedUser: { type: 'string', description: 'Client id' },
  version: { type: 'string', description: 'Every change raises its last part' },
};

export const batchesByIdSchema = {
  type: 'object',
  additionalProperties: { type: 'object', properties: batchProperties },
  description: 'By id',
};

export const createdBatchSchema = {
  type: 'object',
  required: ['id', 'imsOrg', 'sandboxId', 'status', 'created', 'updated', 'relatedObjects', 'version', 'tags'],
  properties: { id: { type: 'string', description: 'ULID' }, ...batchProperties },
};

export const uploadedFileSchema = {
  type: 'object',
  required: ['name', 'sizeInBytes'],
  properties: {
    name: { type: 'string', description: 'The path of the file' },
    sizeInBytes: { type: 'integer', description: 'Bytes received of it' },
  },
};

export const emptySchema = { type: 'object', maxProperties: 0 };

const text = { type: 'string' };

/** Files of a batch: those that the platform wrote have ids, those that clients uploaded have names. */
export const batchFileListSchema = {
  type: 'object',
  properties: {
    data: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          dataSetFileId: text,
          dataSetViewId: { ...text, description: 'Id of the dataset' },
          version: text,
          created: { ...text, description: 'Epoch milliseconds' },
          updated: { ...text, description: 'Epoch milliseconds' },
          isValid: { type: 'boolean' },
          name: text,
          length: { ...text, description: 'Bytes' },
          isComplete: { type: 'boolean' },
          _links: { type: 'object', properties: { self: { type: 'object', properties: { href: text } } } },
        },
      },
    },
    _page: {
      type: 'object',
      properties: { start: { type: 'integer' }, limit: { type: 'integer' }, count: { type: 'integer' } },
    },
  },
};

export const fileListSchema = {
  type: 'object',
  properties: {
    data: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          length: { type: 'string', description: 'Bytes' },
          _links: {
            type: 'object',
            properties: { self: { type: 'object', properties: { href: { type: 'string' } } } },
          },
        },
      },
    },
    _page: {
      type: 'object',
      properties: { start: { type: 'integer' }, limit: { type: 'integer' }, count: { type: 'integer' } },
    },
  },
};
