import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '@tessera/contracts';
import {
  limitParameter,
  Requester,
  RequireScope,
  startOfPage,
  ValidBody,
  ValidQuery,
  type ParameterSchema,
} from '@tessera/http';
import type { JobOrder } from '@tessera/stores';
import { deletionRequestOf, deletionRequestSchema } from './deletion-request.js';
import { DeletionsService } from './deletions.service.js';
import { receiptAnswer, receiptSchema } from './receipt-answer.js';
import { systemJobAnswer } from './system-job-answer.js';
import { systemJobListSchema, systemJobSchema } from './system-jobs.schema.js';
import { SystemJobsService } from './system-jobs.service.js';

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

const idParameter = { name: 'id', description: 'Id of a system job' };
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
  constructor(
    @Inject(SystemJobsService) private readonly jobs: SystemJobsService,
    @Inject(DeletionsService) private readonly deletions: DeletionsService,
  ) {}

  @Post()
  @HttpCode(200)
  @RequireScope('profile.admin')
  @ValidBody(deletionRequestSchema)
  @ApiOperation({ summary: 'Delete the data of a dataset, or of one batch of events' })
  @ApiResponse({ status: 200, description: 'The job that does it', schema: systemJobSchema })
  async create(@Requester() requester: Requester, @Body() body: JsonObject) {
    const job = await this.deletions.request(requester, deletionRequestOf(body));
    return systemJobAnswer(job, requester.tenant, requester.sandbox);
  }

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
    const start = startOfPage(query, 1);
    const page = { start: start * limit, limit, order: orderOf(sort) };
    const { children, totalCount } = await this.jobs.list(tenant, page);
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
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The job', schema: systemJobSchema })
  async get(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string) {
    return systemJobAnswer(await this.jobs.get(tenant, id), tenant, sandbox);
  }

  @Get(':id/receipt')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'What a deletion removed from each store, and what a scan made afterwards found' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The receipt', schema: receiptSchema })
  async receipt(@Requester() { tenant }: Requester, @Param('id') id: string) {
    const { job, receipt } = await this.jobs.receipt(tenant, id);
    return receiptAnswer(job, receipt);
  }

  @Delete(':id')
  @HttpCode(200)
  @RequireScope('profile.admin')
  @ApiOperation({ summary: 'Remove a system job; one that is not done is stopped' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'It is gone' })
  async remove(@Requester() requester: Requester, @Param('id') id: string): Promise<void> {
    await this.jobs.remove(requester, id);
  }
}

function orderOf(sort: string): JobOrder {
  const [name = '', direction] = sort.split(':');
  return { field: sortFields[name] ?? 'createdAt', descending: direction === 'desc' };
}
