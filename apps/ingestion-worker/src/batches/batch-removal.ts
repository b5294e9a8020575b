import { consumerGroups, tenantKey, topics, type IdentityEvidenceWithdrawnMessage } from '@tessera/contracts';
import type { BacklogReader, Producer } from '@tessera/messaging';
import type { Batch, BatchRowRemover, FiguresMarks, HiddenBatches } from '@tessera/stores';
import type { ChangedPeople, ConcernedPeople } from './changed-people.js';

export type RemovedBatch = Pick<Batch, 'id' | 'tenant' | 'datasetId'>;

export interface BatchRemovalParts {
  readonly remover: BatchRowRemover;
  readonly changedPeople: ChangedPeople;
  readonly hidden: HiddenBatches;
  readonly marks: FiguresMarks;
  readonly backlog: BacklogReader;
  readonly producer: Producer;
}

/** Takes back what a batch has written: its events vanish at once, and then from the disk in steps of bounded size. May be repeated, also at several places at once. */
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
    let rows = 0;
    for (let some; (some = await this.removeSome(batch, acceptedAt)) > 0;) {
      rows += some;
      await removed(rows);
    }
    await this.withdraw(batch, acceptedAt, requestId);
    // While the batch is hidden nobody believes figures that its events were counted in.
    await this.parts.marks.markAll(batch.tenant, { batchId: batch.id });
    await this.parts.hidden.change(batch.tenant, { show: [batch.id] });
    return rows;
  }

  /** @returns rows removed, and announced; 0 when none is left. */
  private async removeSome({ tenant, id }: RemovedBatch, acceptedAt: number): Promise<number> {
    const { remover, changedPeople } = this.parts;
    const concerned: ConcernedPeople[] = [];
    const rows = await remover.removeSome(tenant, id, async (xids) => {
      concerned.push(await changedPeople.note(tenant, xids, acceptedAt));
    });
    for (const people of concerned) await changedPeople.announce(people);
    return rows;
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
