import { Body, Controller, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '@tessera/contracts';
import { BodyLimit, problem, Requester, RequireScope, ValidBody, ValidQuery, verbatim } from '@tessera/http';
import { systemJobAnswer } from '../system-jobs/system-job-answer.js';
import { systemJobSchema } from '../system-jobs/system-jobs.schema.js';
import { correctionOf } from './correction.js';
import { deadLetterAnswer } from './dead-letter-answer.js';
import { filterOf, selectionSchemas, type DeadLetterSelection } from './dead-letter-query.js';
import { deadLetterSchema, replayBodySchema, replayManyBodySchema } from './dead-letters.schema.js';
import { ReplayService } from './replay.service.js';

/** Replays of dead letters (spec 03-ingestion, "Dead letters"). */
@ApiTags('Operations')
@Controller('data/core/ups/ops/deadLetters')
export class ReplaysController {
  constructor(@Inject(ReplayService) private readonly replays: ReplayService) {}

  @Post('replay')
  @HttpCode(202)
  @RequireScope('ops')
  @ValidQuery(selectionSchemas)
  @ValidBody(replayManyBodySchema)
  @ApiOperation({ summary: 'Replay all dead letters that a filter selects, by a system job' })
  @ApiResponse({
    status: 202,
    description:
      'The job; it ends when every one has its outcome. Of those it `selected`, its metrics tell how many it `replayed` (`applied` or `rejectedAgain`) and how many were `takenByOthers`: another replay, or a deletion, came first',
    schema: systemJobSchema,
  })
  async replayMany(
    @Requester() requester: Requester,
    @Query() query: DeadLetterSelection,
    @Body() body: DeadLetterSelection | undefined,
  ) {
    const job = await this.replays.replayMany(requester, filterOf(agreed(query, body ?? {})));
    return systemJobAnswer(job, requester.tenant, requester.sandbox);
  }

  @Post(':id/replay')
  @HttpCode(202)
  @RequireScope('ops')
  @BodyLimit('batch')
  @ValidBody(replayBodySchema)
  @ApiOperation({ summary: 'Replay one dead letter as it is, or corrected, with the age and place it had' })
  @ApiParam({ name: 'id', description: 'Id of a dead letter' })
  @ApiResponse({
    status: 202,
    description: 'It is being replayed. Once applied it is gone; rejected again, it says what was wrong this time',
    schema: deadLetterSchema,
  })
  async replayOne(
    @Requester() { tenant }: Requester,
    @Param('id') id: string,
    @Body() body: JsonObject | null | undefined,
  ) {
    const correction = correctionOf(body ?? {});
    return deadLetterAnswer(await this.replays.replayOne(tenant, id, correction, verbatim(body)?.['record']));
  }
}

/** A filter may stand in the query or in the body, not as different ones in both. @throws ProblemError `invalid-parameter`. */
function agreed(query: DeadLetterSelection, body: DeadLetterSelection): DeadLetterSelection {
  const names = Object.keys(selectionSchemas) as (keyof DeadLetterSelection)[];
  const errors = names
    .filter((name) => query[name] !== undefined && body[name] !== undefined && query[name] !== body[name])
    .map((name) => ({ path: `/${name}`, message: 'is another one in the query than in the body' }));
  if (errors.length === 0) return { ...query, ...body };
  throw problem('invalid-parameter', { detail: 'The query and the body disagree; nothing is replayed.', errors });
}
