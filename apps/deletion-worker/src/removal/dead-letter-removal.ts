import type { Identity, Tenant } from '@tessera/contracts';
import { speaksOf } from '@tessera/domain';
import type { DeadLetterRemover, DeadLettersOf, ReadDeadLetter } from '@tessera/stores';
import type { Removal, RemovalContext } from './removal.js';

/** Removes dead letters: of a dataset or batch by what they say of themselves, of a person by who they speak of. */
export class DeadLetterRemoval implements Removal {
  constructor(
    private readonly deadLetters: DeadLetterRemover,
    private readonly step: number,
  ) {}

  async remove(context: RemovalContext): Promise<void> {
    const { tenant, subject, at } = context.deletion;
    if (subject.kind === 'person') return this.removeOfPerson(context, subject.members);
    if (subject.kind === 'sandbox') throw new Error('a sandbox goes as a whole');
    const of: DeadLettersOf =
      subject.kind === 'dataset' ? { datasetId: subject.datasetId } : { batchId: subject.batchId };
    for await (const ids of this.deadLetters.pages(tenant, of, at, this.step)) await this.removeThese(context, ids);
  }

  /** How many speak of somebody. */
  async count(tenant: Tenant, members: readonly Identity[], at: number): Promise<number> {
    let count = 0;
    for await (const _deadLetter of this.speakingOf(tenant, members, at)) count += 1;
    return count;
  }

  private async removeOfPerson(context: RemovalContext, members: readonly Identity[]): Promise<void> {
    const { tenant, at } = context.deletion;
    const found: string[] = [];
    for await (const { _id } of this.speakingOf(tenant, members, at)) {
      found.push(_id);
      if (found.length >= this.step) await this.removeThese(context, found.splice(0));
    }
    if (found.length > 0) await this.removeThese(context, found);
  }

  private async removeThese(context: RemovalContext, ids: readonly string[]): Promise<void> {
    const { tenant } = context.deletion;
    await context.step(() =>
      context.remove(async (session) => ({ deadLetters: await this.deadLetters.remove(tenant, ids, session) })),
    );
  }

  private async *speakingOf(tenant: Tenant, members: readonly Identity[], at: number): AsyncGenerator<ReadDeadLetter> {
    const xids = new Set(members.map(({ xid }) => xid));
    const values = new Set(members.map(({ id }) => id).filter((id) => id !== ''));
    for await (const deadLetter of this.deadLetters.read(tenant, at)) {
      const { record, correction } = deadLetter;
      const isAbout = [record, correction].some((bytes) => bytes && speaksOf(tenant, bytes, xids, values));
      if (isAbout) yield deadLetter;
    }
  }
}
