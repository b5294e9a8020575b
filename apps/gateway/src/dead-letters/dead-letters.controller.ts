import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { limitParameter, offsetParameter, Requester, RequireScope, ValidQuery } from '@tessera/http';
import type { DeadLetterStore } from '@tessera/stores';
import { deadLetterAnswer } from './dead-letter-answer.js';
import { filterOf, selectionSchemas, type DeadLetterSelection } from './dead-letter-query.js';
import { deadLetterListSchema, deadLetterSchema } from './dead-letters.schema.js';
import { unknownDeadLetter } from './replay.service.js';

export const DEAD_LETTERS = Symbol('dead letters');

const DEFAULT_LIMIT = 20;

interface ListQuery extends DeadLetterSelection {
  readonly start?: number;
  readonly limit?: number;
}

/** Records that could not be applied, for operators (spec 03-ingestion, "Dead letters"). */
@ApiTags('Operations')
@Controller('data/core/ups/ops/deadLetters')
export class DeadLettersController {
  constructor(@Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetterStore) {}

  @Get()
  @RequireScope('ops')
  @ValidQuery({
    ...selectionSchemas,
    start: offsetParameter,
    limit: limitParameter(DEFAULT_LIMIT),
  })
  @ApiOperation({ summary: 'List dead letters, newest acceptance first' })
  @ApiResponse({ status: 200, description: 'One page', schema: deadLetterListSchema })
  async list(
    @Requester() { tenant }: Requester,
    @Query() { start = 0, limit = DEFAULT_LIMIT, ...selection }: ListQuery,
  ) {
    const { children, totalCount } = await this.deadLetters.list(tenant, filterOf(selection), { start, limit });
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
    if (!deadLetter) throw unknownDeadLetter(id);
    return deadLetterAnswer(deadLetter);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('ops')
  @ApiOperation({ summary: 'Delete a dead letter; a replay of it that is under way has no effect then' })
  @ApiResponse({ status: 204, description: 'It is gone' })
  async delete(@Requester() { tenant }: Requester, @Param('id') id: string): Promise<void> {
    if (!(await this.deadLetters.delete(tenant, id))) throw unknownDeadLetter(id);
  }
}
