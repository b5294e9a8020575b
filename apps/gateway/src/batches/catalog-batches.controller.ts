import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { limitParameter, offsetParameter, problem, Requester, RequireScope, ValidQuery } from '@tessera/http';
import { batchStatuses, BatchStore, type BatchFilter, type BatchStatus } from '@tessera/stores';
import { batchesAnswer } from './batch-answer.js';
import { batchesByIdSchema } from './batches.schema.js';
import { BatchesService } from './batches.service.js';

const DEFAULT_LIMIT = 100;

interface ListQuery {
  readonly dataSet?: string;
  readonly status?: string;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly orderBy?: string;
  readonly limit?: number;
  readonly start?: number;
}

const instant = (description: string) => ({ type: 'integer', description: `${description}, epoch milliseconds` });

/** What became of batches (spec 03-ingestion, "Catalogue"). */
@ApiTags('Catalogue')
@Controller('data/foundation/catalog/batches')
export class CatalogBatchesController {
  constructor(
    @Inject(BatchStore) private readonly batches: BatchStore,
    @Inject(BatchesService) private readonly service: BatchesService,
  ) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery({
    dataSet: { type: 'string', description: 'Batches of this dataset' },
    status: { type: 'string', description: `Some of ${batchStatuses.join(', ')}, separated by commas` },
    createdAfter: instant('Batches created after this moment'),
    createdBefore: instant('Batches created before this moment'),
    orderBy: {
      type: 'string',
      pattern: '^(asc|desc):created$',
      default: 'desc:created',
      description: 'desc:created (newest first) or asc:created',
    },
    limit: limitParameter(DEFAULT_LIMIT),
    start: offsetParameter,
  })
  @ApiOperation({ summary: 'List batches, newest first unless told otherwise' })
  @ApiResponse({ status: 200, description: 'One page, keyed by id', schema: batchesByIdSchema })
  async list(@Requester() { tenant, sandbox }: Requester, @Query() query: ListQuery) {
    const { start = 0, limit = DEFAULT_LIMIT, orderBy } = query;
    const order = orderBy?.startsWith('asc') ? 'asc' : 'desc';
    return batchesAnswer(await this.batches.list(tenant, filterOf(query), { start, limit, order }), sandbox);
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One batch: its status, metrics and errors' })
  @ApiParam({ name: 'id', description: 'Id of a batch' })
  @ApiResponse({ status: 200, description: 'The batch, keyed by its id', schema: batchesByIdSchema })
  async get(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string) {
    return batchesAnswer([await this.service.get(tenant, id)], sandbox);
  }
}

function filterOf({ dataSet, status, createdAfter, createdBefore }: ListQuery): BatchFilter {
  return {
    ...(dataSet !== undefined && { datasetId: dataSet }),
    ...(status !== undefined && { statuses: status.split(',').map(statusOf) }),
    ...(createdAfter !== undefined && { createdAfter }),
    ...(createdBefore !== undefined && { createdBefore }),
  };
}

function statusOf(text: string): BatchStatus {
  const status = batchStatuses.find((known) => known === text.trim().toLowerCase());
  if (status !== undefined) return status;
  const message = `must be some of ${batchStatuses.join(', ')}, separated by commas`;
  throw problem('invalid-parameter', { detail: `The status ${message}.`, errors: [{ path: '/status', message }] });
}
