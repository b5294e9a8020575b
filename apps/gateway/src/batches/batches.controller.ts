import { Body, Controller, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { problem, Requester, RequireScope, ValidBody, ValidQuery } from '@tessera/http';
import { batchAnswer } from './batch-answer.js';
import { BatchActionsService, batchActions, type BatchAction } from './batch-actions.service.js';
import { createdBatchSchema, emptySchema, newBatchSchema } from './batches.schema.js';
import { BatchesService, type NewBatch } from './batches.service.js';

/** Creates batches and decides about them as a whole (spec 03-ingestion, "Batches"). */
@ApiTags('Batches')
@Controller('data/foundation/import/batches')
export class BatchesController {
  constructor(
    @Inject(BatchesService) private readonly batches: BatchesService,
    @Inject(BatchActionsService) private readonly actions: BatchActionsService,
  ) {}

  @Post()
  @RequireScope('ingest')
  @ValidBody(newBatchSchema)
  @ApiOperation({ summary: 'Create a batch of files for a dataset' })
  @ApiResponse({ status: 201, description: 'The batch, ready to take files', schema: createdBatchSchema })
  async create(@Requester() requester: Requester, @Body() body: NewBatch) {
    const batch = await this.batches.create(requester, body);
    return { id: batch.id, ...batchAnswer(batch, requester.sandbox) };
  }

  @Post(':batchId')
  @HttpCode(200)
  @RequireScope('ingest')
  @ValidQuery({ action: actionParameter(batchActions) }, ['action'])
  @ApiOperation({
    summary: 'Complete, abort, fail or revert a batch',
    description:
      'COMPLETE hands the files of a loading batch over to be ingested. ABORT and FAIL give up a batch that is not done yet. REVERT takes back a successful one. Each may be repeated. ' +
      'What its rows said is gone then; events that they repeated stay. In a dataset of records, what a row had replaced is not kept and does not come back: ' +
      'that is so from the moment the batch is `staged`, so send those records again.',
  })
  @ApiParam({ name: 'batchId', description: 'Id of a batch' })
  @ApiResponse({ status: 200, description: 'Done', schema: emptySchema })
  async act(@Requester() requester: Requester, @Param('batchId') id: string, @Query('action') action: string) {
    await this.actions.act(requester, id, actionOf<BatchAction>(action, batchActions));
    return {};
  }
}

/** A query parameter that names an action, in any case. */
export function actionParameter(actions: readonly string[]) {
  return { type: 'string', description: `${actions.join(', ')}; in any case` };
}

/** @throws ProblemError `invalid-parameter`. */
export function actionOf<Action extends string>(text: string, actions: readonly Action[]): Action {
  const action = actions.find((known) => known === text.toUpperCase());
  if (action !== undefined) return action;
  const message = `must be one of ${actions.join(', ')}`;
  throw problem('invalid-parameter', { detail: `The action ${message}.`, errors: [{ path: '/action', message }] });
}
