import type { ChangePublisher } from '@tessera/messaging';
import {
  peopleChanges,
  type Deletion,
  type GraphAnnouncements,
  type IdentityGraphMaintenance,
  type IdentityGraphReader,
  type IdentityVanisher,
  type StoreCounts,
  type TouchedIdentities,
  type WithdrawnEvidence,
} from '@tessera/stores';
import type { EdgeRemoval } from './edge-removal.js';
import type { Removal, RemovalContext } from './removal.js';

export interface GraphRemovalParts {
  readonly maintenance: IdentityGraphMaintenance;
  readonly reader: IdentityGraphReader;
  readonly vanisher: IdentityVanisher;
  readonly announcements: GraphAnnouncements;
  readonly publisher: ChangePublisher;
  readonly touched: TouchedIdentities;
  readonly edges: Pick<EdgeRemoval, 'refresh'>;
}

/** Identities read from the list at once. */
const PAGE = 1_000;

/**
 * Withdraws what was said about who belongs together, removes identities that nothing speaks of any more, and says whose
 * data changed, so that whatever is derived from people follows.
 */
export class GraphRemoval implements Removal {
  constructor(private readonly parts: GraphRemovalParts) {}

  async remove(context: RemovalContext): Promise<void> {
    const { deletion } = context;
    const withdrawn = evidenceOf(deletion);
    if (withdrawn) await this.withdraw(context, withdrawn);
    await this.settleTouched(context);
  }

  private async withdraw(context: RemovalContext, withdrawn: WithdrawnEvidence): Promise<void> {
    const { maintenance, announcements, publisher, touched } = this.parts;
    const { id, tenant, at } = context.deletion;
    const steps = maintenance.removeEvidence(tenant, withdrawn, at, (question) => context.step(question));
    for await (const { changes, announcements: pending, counts } of steps) {
      // Whoever hung together by it may be spoken of no more.
      await Promise.all([
        touched.add(
          tenant,
          id,
          changes.flatMap(({ members }) => members),
        ),
        publisher.publish(tenant, changes),
      ]);
      await Promise.all([announcements.done(pending), context.removed({ links: counts.withdrawn })]);
    }
  }

  private async settleTouched(context: RemovalContext): Promise<void> {
    const { touched } = this.parts;
    const { id, tenant } = context.deletion;
    for (let after = ''; ;) {
      const xids = await context.step(() => touched.unsettled(tenant, id, after, PAGE));
      if (xids.length === 0) return;
      for (let done = 0; done < xids.length;) {
        const counts = await context.step((limit) => this.settle(context.deletion, xids.slice(done, (done += limit))));
        await context.removed(counts);
      }
      after = xids.at(-1) ?? '';
    }
  }

  private async settle({ id, tenant, at }: Deletion, xids: readonly string[]): Promise<StoreCounts> {
    const { vanisher, reader, publisher, touched, edges } = this.parts;
    const known = await reader.findMany(tenant, xids);
    const unlinked = known.filter(({ members, contested }) => members.length === 1 && !contested);
    const identities = await vanisher.vanish(
      tenant,
      unlinked.map(({ _id }) => _id),
    );
    const changes = peopleChanges(xids, known, at);
    const members = new Set(changes.flatMap((change) => change.members));
    const [copies] = await Promise.all([edges.refresh(tenant, [...members]), publisher.publish(tenant, changes)]);
    await touched.settle(tenant, id, xids);
    return { identities, edges: copies };
  }
}

function evidenceOf({ subject, at }: Deletion): WithdrawnEvidence | undefined {
  switch (subject.kind) {
    case 'dataset':
      return { datasetId: subject.datasetId, before: at };
    case 'batch':
      return { datasetId: subject.datasetId, batchId: subject.batchId, before: at };
    case 'person':
      return { xids: subject.members.map(({ xid }) => xid), before: at };
    case 'sandbox':
      return undefined;
  }
}
