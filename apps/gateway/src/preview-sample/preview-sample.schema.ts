const text = { type: 'string' };
const count = { type: 'integer' };
const fraction = { type: 'number', minimum: 0, maximum: 1 };
const instant = { type: 'string', format: 'date-time' };

export const sampleRequestSchema = {
  type: ['object', 'null'],
  properties: {
    samplingRatio: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Share of the profiles to draw; by default all of fewer than 100,000',
    },
  },
};

export const sampleStatusSchema = {
  type: 'object',
  properties: {
    numRowsToRead: { ...text, description: 'Profiles the sample drew' },
    sampleJobRunning: {
      type: 'object',
      properties: { status: { type: 'boolean' }, submissionTimestamp: text },
    },
    docCount: { ...text, description: 'Records and events, in quotes' },
    cosmosDocCount: text,
    totalFragmentCount: count,
    lastSuccessfulBatchTimestamp: text,
    streamingDriven: text,
    totalRows: { ...text, description: 'Profiles under the default policy' },
    lastBatchId: text,
    status: { ...text, enum: ['NOT_STARTED', 'TASK_FINISHED'] },
    samplingRatio: fraction,
    mergeStrategy: text,
    lastSampledTimestamp: text,
  },
};

const occurrence = {
  sampleCount: count,
  samplePercentage: fraction,
  fullIDsCount: count,
  fullIDsPercentage: fraction,
  reportTimestamp: instant,
};

function listOf<Properties extends Record<string, object>>(properties: Properties) {
  return {
    type: 'object',
    properties: { data: { type: 'array', items: { type: 'object', properties } }, reportTimestamp: instant },
  };
}

export const datasetReportSchema = listOf({
  ...occurrence,
  name: text,
  description: text,
  value: { ...text, description: 'Id of the dataset' },
  streamingIngestionEnabled: text,
  createdUser: text,
});

export const namespaceReportSchema = listOf({
  ...occurrence,
  fullIDsFragmentCount: count,
  code: text,
  value: { ...count, description: 'Id of the namespace' },
});

export const overlapReportSchema = {
  type: 'object',
  properties: {
    data: { type: 'object', additionalProperties: count, description: 'Profiles by exact set, with commas between' },
    reportTimestamp: instant,
  },
};

const unstitched = { countOfProfiles: count, eventsAssociated: count };

export const unstitchedReportSchema = {
  type: 'object',
  properties: {
    data: {
      type: 'object',
      properties: {
        totalNumberOfProfiles: count,
        totalNumberOfEvents: count,
        unstitchedProfiles: {
          type: 'object',
          description: 'By period without activity: 7days to 120days',
          additionalProperties: {
            type: 'object',
            properties: {
              ...unstitched,
              nsDistribution: {
                type: 'object',
                additionalProperties: { type: 'object', properties: unstitched },
              },
            },
          },
        },
      },
    },
    reportTimestamp: instant,
  },
};
