import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { limitParameter, problem, Requester, RequireScope, ValidQuery, type ParameterSchema } from '@tessera/http';
import type { JobOrder, JobReader } from '@tessera/stores';
import { systemJobAnswer } from './system-job-answer.js';
import { systemJobListSchema, systemJobSchema } from './system-jobs.schema.js';

export const SYSTEM_JOBS = Symbol('system jobs');

const DEFAULT_LIMIT = 100;

/** What jobs can be sorted by, and the field of a job that it is. */
const sortFields: Readonly<Record<string, JobOrder['field']>> = {
  createdAt: 'createdAt',
  updatedAt: 'updatedAt',
  createEpoch: 'createdAt',
  updateEpoch: 'updatedAt',
  status: 'status',
  requestType: 'type',
  jobType: 'type',
  batchId: 'batchId',
  dataSetId: 'datasetId',
  datasetId: 'datasetId',
};

const pageNumber: ParameterSchema = { type: 'integer', minimum: 0, description: 'Number of a page, from 0' };

interface ListQuery {
  readonly start?: number;
  readonly page?: number;
  readonly limit?: number;
  readonly sort?: string;
}

/** Long work of the platform, and how far it is (spec 09-system-jobs). */
@ApiTags('System jobs')
@Controller('data/core/ups/system/jobs')
export class SystemJobsController {
  constructor(@Inject(SYSTEM_JOBS) private readonly jobs: JobReader) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery({
    start: pageNumber,
    page: { ...pageNumber, description: 'The same as start' },
    limit: limitParameter(DEFAULT_LIMIT),
    sort: {
      type: 'string',
      pattern: `^(${Object.keys(sortFields).join('|')})(:(asc|desc))?$`,
      default: 'createdAt:asc',
      description: 'A field and a direction, such as createdAt:desc',
    },
  })
  @ApiOperation({ summary: 'List system jobs, oldest first' })
  @ApiResponse({ status: 200, description: 'One page', schema: systemJobListSchema })
  async list(@Requester() { tenant, sandbox }: Requester, @Query() query: ListQuery) {
    const { limit = DEFAULT_LIMIT, sort = 'createdAt:asc' } = query;
    const start = query.start ?? query.page ?? 0;
    const { children, totalCount } = await this.jobs.list(
      tenant,
      {},
      { start: start * limit, limit, order: orderOf(sort) },
    );
    return {
      _page: {
        pageSize: limit,
        count: children.length,
        start,
        totalCount,
        next: (start + 1) * limit < totalCount ? String(start + 1) : '',
      },
      children: children.map((job) => systemJobAnswer(job, tenant, sandbox)),
    };
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One system job with its status, progress and metrics' })
  @ApiParam({ name: 'id', description: 'Id of a system job' })
  @ApiResponse({ status: 200, description: 'The job', schema: systemJobSchema })
  async get(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string) {
    const job = await this.jobs.find(tenant, id);
    if (!job) throw problem('unknown-job', { detail: `The sandbox has no system job ${id.slice(0, 256)}.` });
    return systemJobAnswer(job, tenant, sandbox);
  }
}

function orderOf(sort: string): JobOrder {
  const [name = '', direction] = sort.split(':');
  return { field: sortFields[name] ?? 'createdAt', descending: direction === 'desc' };
}
