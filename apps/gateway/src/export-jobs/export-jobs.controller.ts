import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  encodePageToken,
  limitParameter,
  offsetParameter,
  pageTokenReader,
  Requester,
  RequireScope,
  startOfPage,
  ValidBody,
  ValidQuery,
} from '@tessera/http';
import type { ExportJobField, ExportJobPlace } from '@tessera/stores';
import type { ExportBody } from './export-body.js';
import { exportJobAnswer, filterOf, type ExportStatus } from './export-job-answer.js';
import { exportBodySchema, exportJobSchema, exportListSchema } from './export-jobs.schema.js';
import { ExportJobsService } from './export-jobs.service.js';

const DEFAULT_LIMIT = 100;
const DEFAULT_SORT = 'creationTime:desc';

const sortFields: Readonly<Record<string, ExportJobField>> = { updateTime: 'updatedAt', creationTime: 'createdAt' };

const readOffset = pageTokenReader<ExportJobPlace>({
  type: 'object',
  required: ['time', 'id'],
  properties: {
    time: { type: 'integer' },
    id: { type: 'string', maxLength: 512 },
    snapshot: { type: 'string', pattern: '^\\d{1,10}\\.\\d{1,10}$' },
  },
});

interface ListQuery {
  readonly limit?: number;
  readonly start?: number;
  readonly page?: number;
  readonly offset?: string;
  readonly sort?: string;
  readonly status?: ExportStatus;
}

const idParameter = { name: 'id', description: 'Number of an export' };

/** Exports of merged profiles (spec 07-export-jobs). */
@ApiTags('Exports')
@Controller('data/core/ups/export/jobs')
export class ExportJobsController {
  constructor(@Inject(ExportJobsService) private readonly exports: ExportJobsService) {}

  @Post()
  @HttpCode(200)
  @RequireScope('profile.write')
  @ValidBody(exportBodySchema)
  @ApiOperation({
    summary: 'Export merged profiles into a batch of a dataset',
    description:
      'The profiles are those of this moment, whatever changes afterwards. The dataset must be of the union schema and must not feed profiles; its `fileDescription.format` says whether files are Parquet (the default) or JSON lines.',
  })
  @ApiResponse({ status: 200, description: 'The new export', schema: exportJobSchema })
  async create(@Requester() requester: Requester, @Body() body: ExportBody) {
    return exportJobAnswer(await this.exports.create(requester, body));
  }

  @Get()
  @RequireScope('profile.read')
  @ValidQuery({
    limit: limitParameter(DEFAULT_LIMIT),
    start: offsetParameter,
    page: { type: 'integer', minimum: 0, description: 'Number of a page, from 0; in place of start' },
    offset: { type: 'string', maxLength: 1_024, description: 'Where the page before ended: from link.next' },
    sort: {
      type: 'string',
      pattern: `^(${Object.keys(sortFields).join('|')})(:(asc|desc))?$`,
      default: DEFAULT_SORT,
      description: 'A field and a direction, such as updateTime:asc; descending when no direction is given',
    },
    status: { type: 'string', enum: ['NEW', 'QUEUED', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] },
  })
  @ApiOperation({ summary: 'List exports, newest first unless told otherwise' })
  @ApiResponse({ status: 200, description: 'One page', schema: exportListSchema })
  async list(@Requester() { tenant }: Requester, @Query() query: ListQuery) {
    const { limit = DEFAULT_LIMIT, offset, sort = DEFAULT_SORT, status } = query;
    const start = startOfPage(query, limit);
    const [sortField = '', direction = 'desc'] = sort.split(':');
    const field = sortFields[sortField] ?? 'createdAt';
    const { states, totalCount, next } = await this.exports.list(tenant, filterOf(status), {
      ...{ field, start, limit },
      descending: direction === 'desc',
      ...(offset !== undefined && { after: readOffset(offset) }),
    });
    return {
      records: states.map(exportJobAnswer),
      page: { sortField, sort: direction, pageOffset: offset ?? '', pageSize: limit, totalCount },
      link: { next: next ? linkTo(next, query, limit) : '' },
    };
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One export: its status, progress and metrics' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The export', schema: exportJobSchema })
  async get(@Requester() { tenant }: Requester, @Param('id') id: string) {
    return exportJobAnswer(await this.exports.get(tenant, id));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Cancel an export that has not ended: nothing of it can be read' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 204, description: 'It is cancelled' })
  async cancel(@Requester() { tenant }: Requester, @Param('id') id: string): Promise<void> {
    await this.exports.cancel(tenant, id);
  }
}

function linkTo(place: ExportJobPlace, { sort, status }: ListQuery, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit), offset: encodePageToken({ ...place }) });
  if (sort !== undefined) query.set('sort', sort);
  if (status !== undefined) query.set('status', status);
  return `/export/jobs/?${query.toString()}`;
}
