import { consumerGroups, tenantKey, topics, type IdentityEvidenceWithdrawnMessage } from '@tessera/contracts';
import type { BacklogReader, Producer } from '@tessera/messaging';
import type {
  Batch,
  BatchRowRemover,
  BeforeRemoval,
  FiguresMarks,
  HiddenBatches,
  RepeatRelease,
} from '@tessera/stores';
import type { ChangedPeople, ConcernedPeople } from './changed-people.js';

export type RemovedBatch = Pick<Batch, 'id' | 'tenant' | 'datasetId'>;

export interface BatchRemovalParts {
  readonly remover: BatchRowRemover;
  readonly repeats: RepeatRelease;
  readonly changedPeople: ChangedPeople;
  readonly hidden: HiddenBatches;
  readonly marks: FiguresMarks;
  readonly backlog: BacklogReader;
  readonly producer: Producer;
}

/**
 * Takes back what a batch has written: its events vanish at once, and then from the disk in steps of bounded size; what
 * repeated one of them takes its place. May be repeated, also at several places at once.
 */
export class BatchRemoval {
  constructor(private readonly parts: BatchRemovalParts) {}

  /**
   * Removes the rows of a batch, says whom they were about, and has what they said about identities forgotten.
   *
   * @param removed told of each step how many are gone so far; what it throws ends the removal.
   * @returns rows removed.
   * @throws UnavailableError
   */
  async remove(
    batch: RemovedBatch,
    acceptedAt: number,
    requestId: string,
    removed: (rows: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<number> {
    await this.parts.hidden.change(batch.tenant, { hide: [batch.id] });
    const { remover, repeats } = this.parts;
    const { tenant, id } = batch;
    let rows = 0;
    const removeSome = (before: BeforeRemoval) => remover.removeSome(tenant, id, before);
    for (let some; (some = await this.announced(batch, acceptedAt, removeSome)) > 0;) {
      rows += some;
      await removed(rows);
    }
    while ((await this.announced(batch, acceptedAt, (before) => repeats.releaseSome(tenant, id, before))) > 0);
    await this.withdraw(batch, acceptedAt, requestId);
    // While the batch is hidden nobody believes figures that its events were counted in.
    await this.parts.marks.markAll(batch.tenant, { batchId: batch.id });
    await this.parts.hidden.change(batch.tenant, { show: [batch.id] });
    return rows;
  }

  /** @returns how much a step did, once it is announced whom it was about. */
  private async announced(
    { tenant }: RemovedBatch,
    acceptedAt: number,
    step: (before: BeforeRemoval) => Promise<number>,
  ): Promise<number> {
    const { changedPeople } = this.parts;
    const concerned: ConcernedPeople[] = [];
    const count = await step(async (xids) => {
      concerned.push(await changedPeople.note(tenant, xids, acceptedAt));
    });
    for (const people of concerned) await changedPeople.announce(people);
    return count;
  }

  /** Always, also when no row was found: the evidence outlives the rows, whoever removed them. */
  private async withdraw(
    { tenant, datasetId, id }: RemovedBatch,
    acceptedAt: number,
    requestId: string,
  ): Promise<void> {
    const { backlog, producer } = this.parts;
    const { partitions } = await backlog.read(topics.identityEvidence, consumerGroups.merge);
    const message: IdentityEvidenceWithdrawnMessage = {
      ...tenant,
      requestId,
      datasetId,
      batchId: id,
      acceptedAt,
      after: partitions.map(({ partition, end }) => ({ partition, offset: end })),
    };
    await producer.send(topics.identityWithdrawal, [{ key: tenantKey(tenant), value: JSON.stringify(message) }]);
  }
}
