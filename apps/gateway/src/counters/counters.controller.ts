import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { consumerGroups, topics } from '@tessera/contracts';
import { Requester, RequireScope } from '@tessera/http';
import type { BacklogReader } from '@tessera/messaging';
import type { DatasetCounts, LedgerReader } from '@tessera/stores';

export const LEDGER = Symbol('ledger');
export const BACKLOG = Symbol('backlog');

const count = { type: 'integer' };
const counts = {
  applied: { ...count, description: 'stored + superseded + notEnabled + deleted' },
  stored: { ...count, description: 'Became what its fragment says, or a new event' },
  superseded: { ...count, description: 'Older than what was stored' },
  notEnabled: { ...count, description: 'Of a dataset that does not feed profiles' },
  deleted: {
    ...count,
    description: 'Of a dataset, batch, person or sandbox that was deleted after they were accepted',
  },
  duplicate: { ...count, description: 'Events whose _id was taken, and replays that another one overtook' },
  replayed: {
    ...count,
    description:
      'Of all these, replays of dead letters. Accepted + replayed = applied + duplicate + deadLettered + what is on its way',
  },
  deadLettered: {
    ...count,
    description:
      'Every attempt that failed, whatever became of the dead letter since. Bad rows of batches are among them: those are no dead letters, but stand with their reasons at /data/foundation/export/batches/{id}/failed',
  },
  deadLetteredByReason: { type: 'object', additionalProperties: count },
};
const countersSchema = {
  type: 'object',
  properties: {
    datasets: {
      type: 'array',
      items: { type: 'object', properties: { datasetId: { type: 'string' }, ...counts } },
    },
    totals: { type: 'object', properties: counts },
    backlog: {
      type: 'object',
      description: 'Messages of all tenants written and not yet done, by topic',
      additionalProperties: count,
    },
  },
};

/** What became of every record, exactly, and what is still on its way (spec 01-concepts, guarantee 7). */
@ApiTags('Operations')
@Controller('data/core/ups/ops/counters')
export class CountersController {
  constructor(
    @Inject(LEDGER) private readonly ledger: LedgerReader,
    @Inject(BACKLOG) private readonly backlog: BacklogReader,
  ) {}

  @Get()
  @RequireScope('ops')
  @ApiOperation({ summary: 'Outcomes of records by dataset, and what is still on its way' })
  @ApiResponse({ status: 200, description: 'Counters', schema: countersSchema })
  async read(@Requester() { tenant }: Requester) {
    // First what is on its way: a record that moves meanwhile is then counted twice rather than missed.
    const [records, evidence] = await Promise.all([
      this.backlog.read(topics.record, consumerGroups.ingestion),
      this.backlog.read(topics.identityEvidence, consumerGroups.merge),
    ]);
    const datasets = await this.ledger.counts(tenant);
    return {
      datasets,
      totals: total(datasets),
      backlog: { [records.topic]: records.messages, [evidence.topic]: evidence.messages },
    };
  }
}

function total(datasets: readonly DatasetCounts[]): Omit<DatasetCounts, 'datasetId'> {
  const sum = (of: (counts: DatasetCounts) => number) => datasets.reduce((all, dataset) => all + of(dataset), 0);
  const byReason: Record<string, number> = {};
  for (const { deadLetteredByReason } of datasets) {
    for (const [reason, number] of Object.entries(deadLetteredByReason)) {
      byReason[reason] = (byReason[reason] ?? 0) + number;
    }
  }
  return {
    applied: sum(({ applied }) => applied),
    stored: sum(({ stored }) => stored),
    superseded: sum(({ superseded }) => superseded),
    notEnabled: sum(({ notEnabled }) => notEnabled),
    deleted: sum(({ deleted }) => deleted),
    duplicate: sum(({ duplicate }) => duplicate),
    replayed: sum(({ replayed }) => replayed),
    deadLettered: sum(({ deadLettered }) => deadLettered),
    deadLetteredByReason: byReason,
  };
}
