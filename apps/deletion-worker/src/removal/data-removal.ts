import type {
  EventRemover,
  EventsOf,
  FoundFragment,
  FragmentRemover,
  HiddenBatches,
  RepeatRelease,
  TouchedIdentities,
} from '@tessera/stores';
import type { Removal, RemovalContext } from './removal.js';

export interface DataRemovalParts {
  readonly fragments: FragmentRemover;
  readonly events: EventRemover;
  readonly touched: TouchedIdentities;
  readonly hidden: HiddenBatches;
  readonly repeats: RepeatRelease;
  /** Events read at once. */
  readonly step: number;
}

/** Removes fragments and events, noting whom they were about before they are gone. */
export class DataRemoval implements Removal {
  constructor(private readonly parts: DataRemovalParts) {}

  async remove(context: RemovalContext): Promise<void> {
    const { tenant, subject } = context.deletion;
    switch (subject.kind) {
      case 'dataset':
        await this.fragmentsOfDataset(context, subject.datasetId);
        return this.events(context, { datasetId: subject.datasetId });
      case 'batch':
        // Out of sight at once, whatever it takes to remove them.
        await this.parts.hidden.change(tenant, { hide: [subject.batchId] });
        await this.events(context, { batchId: subject.batchId });
        await this.releaseRepeats(context, subject.batchId);
        return this.parts.hidden.change(tenant, { show: [subject.batchId] });
      case 'person': {
        const xids = subject.members.map(({ xid }) => xid);
        await this.parts.touched.add(tenant, context.deletion.id, xids);
        await context.step(async () => this.fragments(context, await this.parts.fragments.ofPeople(tenant, xids)));
        return this.events(context, { xids });
      }
      case 'sandbox':
        throw new Error('a sandbox goes as a whole');
    }
  }

  private async releaseRepeats(context: RemovalContext, batchId: string): Promise<void> {
    const { repeats, touched } = this.parts;
    const { id, tenant } = context.deletion;
    const releaseSome = (limit: number) =>
      repeats.releaseSome(tenant, batchId, (xids) => touched.add(tenant, id, xids), limit);
    while ((await context.step(releaseSome)) > 0);
  }

  private async fragmentsOfDataset(context: RemovalContext, datasetId: string): Promise<void> {
    const { fragments } = this.parts;
    for (let after: string | undefined; ;) {
      const last = await context.step(async (limit) => {
        const found = await fragments.ofDataset(context.deletion.tenant, datasetId, after, limit);
        await this.fragments(context, found);
        return found.length < limit ? undefined : found.at(-1)?._id;
      });
      if (last === undefined) return;
      after = last;
    }
  }

  private async fragments(context: RemovalContext, found: readonly FoundFragment[]): Promise<void> {
    const { id, tenant, at } = context.deletion;
    const concerned = found.filter(({ isMerged, acceptedAt }) => isMerged || acceptedAt <= at);
    if (concerned.length === 0) return;
    await this.parts.touched.add(
      tenant,
      id,
      concerned.map(({ xid }) => xid),
    );
    await context.remove(async (session) => ({
      fragments: await this.parts.fragments.remove(tenant, concerned, at, session),
    }));
  }

  private async events(context: RemovalContext, of: EventsOf): Promise<void> {
    const { id, tenant, at } = context.deletion;
    const { events, touched, step } = this.parts;
    for await (const page of events.pages(tenant, of, at, step)) {
      for (let done = 0; done < page.length;) {
        await context.step(async (limit) => {
          const some = page.slice(done, (done += limit));
          await touched.add(
            tenant,
            id,
            some.flatMap(({ xids }) => xids),
          );
          const ids = some.map(({ _id }) => _id);
          await context.remove(async (session) => ({ events: await events.remove(tenant, ids, at, session) }));
        });
      }
    }
  }
}
