import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { jobTypes, type JobType, type JsonObject } from '@tessera/contracts';
import { limitParameter, offsetParameter, problem, Requester, RequireScope, ValidQuery } from '@tessera/http';
import {
  deletionOf,
  JobStore,
  jobStatuses,
  subjectIds,
  type Job,
  type JobReader,
  type JobStatus,
} from '@tessera/stores';
import { listSchema } from './list.schema.js';

const DEFAULT_LIMIT = 20;

const text = { type: 'string' };
const instant = { type: 'string', format: 'date-time' };
const jobSchema = {
  type: 'object',
  required: ['id', 'type', 'status', 'progress', 'metrics', 'createdAt', 'updatedAt'],
  properties: {
    id: text,
    type: { ...text, enum: [...jobTypes] },
    status: { ...text, enum: [...jobStatuses] },
    progress: { type: 'integer', minimum: 0, maximum: 100, description: 'Per cent' },
    metrics: { type: 'object', additionalProperties: { type: 'number' }, description: 'What has been done' },
    properties: { type: 'object', description: 'What was asked for; people are XIDs alone' },
    error: { ...text, description: 'Why it failed' },
    requestedBy: { ...text, description: 'Client id' },
    requestId: text,
    createdAt: instant,
    updatedAt: instant,
  },
};
const jobListSchema = listSchema('Jobs', jobSchema);

interface ListQuery {
  readonly type?: JobType;
  readonly status?: JobStatus;
  readonly start?: number;
  readonly limit?: number;
}

/** The durable records of long work of every kind: what each job is to do, how far it is, and why it failed. */
@ApiTags('Operations')
@Controller('data/core/ups/ops/jobs')
export class JobsController {
  constructor(@Inject(JobStore) private readonly jobs: JobReader) {}

  @Get()
  @RequireScope('ops')
  @ValidQuery({
    type: { type: 'string', enum: [...jobTypes] },
    status: { type: 'string', enum: [...jobStatuses] },
    start: offsetParameter,
    limit: limitParameter(DEFAULT_LIMIT),
  })
  @ApiOperation({ summary: 'List jobs of every kind, newest first' })
  @ApiResponse({ status: 200, description: 'One page', schema: jobListSchema })
  async list(@Requester() { tenant }: Requester, @Query() query: ListQuery) {
    const { type, status, start = 0, limit = DEFAULT_LIMIT } = query;
    const filter = { ...(type && { types: [type] }), ...(status && { statuses: [status] }) };
    const { children, totalCount } = await this.jobs.list(tenant, filter, { start, limit });
    return { _page: { start, limit, count: children.length, totalCount }, children: children.map(jobAnswer) };
  }

  @Get(':id')
  @RequireScope('ops')
  @ApiOperation({ summary: 'One job' })
  @ApiParam({ name: 'id', description: 'Id of a job' })
  @ApiResponse({ status: 200, description: 'The job', schema: jobSchema })
  async get(@Requester() { tenant }: Requester, @Param('id') id: string) {
    const job = await this.jobs.find(tenant, id);
    if (!job) throw problem('unknown-job', { detail: `The sandbox has no job ${id.slice(0, 256)}.` });
    return jobAnswer(job);
  }
}

function jobAnswer(job: Job) {
  const { tenant: _tenant, createdAt, updatedAt, ...shown } = job;
  const instants = { createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() };
  return { ...shown, properties: propertiesOf(job), ...instants };
}

/** What a job was asked to do: of a person who is deleted by XIDs alone, as the audit has it. */
function propertiesOf(job: Job): JsonObject {
  if (job.type !== 'DELETE_PROFILE') return job.properties;
  const { subject, at } = deletionOf(job);
  return { ...subjectIds(subject), at };
}
