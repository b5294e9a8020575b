import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { deadLetterReasons, type DeadLetterReason } from '@tessera/contracts';
import { limitParameter, offsetParameter, problem, Requester, RequireScope, ValidQuery } from '@tessera/http';
import type { DeadLetterReader } from '@tessera/stores';
import { deadLetterAnswer } from './dead-letter-answer.js';
import { deadLetterListSchema, deadLetterSchema } from './dead-letters.schema.js';

export const DEAD_LETTERS = Symbol('dead letters');

const DEFAULT_LIMIT = 20;

interface ListQuery {
  readonly datasetId?: string;
  readonly reason?: DeadLetterReason;
  readonly from?: string;
  readonly to?: string;
  readonly start?: number;
  readonly limit?: number;
}

const instant = (description: string) => ({ type: 'string', format: 'date-time', description });

/** Records that could not be applied, for operators (spec 03-ingestion, "Dead letters"). */
@ApiTags('Operations')
@Controller('data/core/ups/ops/deadLetters')
export class DeadLettersController {
  constructor(@Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetterReader) {}

  @Get()
  @RequireScope('ops')
  @ValidQuery({
    datasetId: { type: 'string' },
    reason: { type: 'string', enum: deadLetterReasons },
    from: instant('Accepted at this instant or later'),
    to: instant('Accepted before this instant'),
    start: offsetParameter,
    limit: limitParameter(DEFAULT_LIMIT),
  })
  @ApiOperation({ summary: 'List dead letters, newest acceptance first' })
  @ApiResponse({ status: 200, description: 'One page', schema: deadLetterListSchema })
  async list(
    @Requester() { tenant }: Requester,
    @Query() { start = 0, limit = DEFAULT_LIMIT, from, to, ...filter }: ListQuery,
  ) {
    const period = {
      ...(from !== undefined && { from: Date.parse(from) }),
      ...(to !== undefined && { to: Date.parse(to) }),
    };
    const { children, totalCount } = await this.deadLetters.list(tenant, { ...filter, ...period }, { start, limit });
    return {
      _page: { start, limit, count: children.length, totalCount },
      children: children.map(deadLetterAnswer),
    };
  }

  @Get(':id')
  @RequireScope('ops')
  @ApiOperation({ summary: 'One dead letter with its record and every fault' })
  @ApiResponse({ status: 200, description: 'The dead letter', schema: deadLetterSchema })
  async get(@Requester() { tenant }: Requester, @Param('id') id: string) {
    const deadLetter = await this.deadLetters.find(tenant, id);
    if (!deadLetter) throw problem('unknown-dead-letter', { detail: `This sandbox has no dead letter ${id}.` });
    return deadLetterAnswer(deadLetter);
  }
}
