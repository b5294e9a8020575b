import type { ChangePublisher } from '@tessera/messaging';
import type {
  Deletion,
  GraphAnnouncements,
  IdentityGraphMaintenance,
  TouchedIdentities,
  WithdrawnEvidence,
} from '@tessera/stores';
import type { Removal, RemovalContext } from './removal.js';
import type { Settlement } from './settlement.js';

export interface GraphRemovalParts {
  readonly maintenance: IdentityGraphMaintenance;
  readonly announcements: GraphAnnouncements;
  readonly publisher: ChangePublisher;
  readonly touched: TouchedIdentities;
  readonly settlement: Settlement;
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
      await touched.add(
        tenant,
        id,
        changes.flatMap(({ members }) => members),
      );
      await context.removed({ links: counts.withdrawn });
      // What is not announced now is announced by the merge workers.
      await publisher.publish(tenant, changes);
      await announcements.done(pending);
    }
  }

  private async settleTouched(context: RemovalContext): Promise<void> {
    const { touched, settlement } = this.parts;
    const { id, tenant } = context.deletion;
    for (let after = ''; ;) {
      const xids = await context.step(() => touched.unsettled(tenant, id, after, PAGE));
      if (xids.length === 0) return;
      for (let done = 0; done < xids.length;) {
        await context.step((limit) => settlement.settle(context.deletion, xids.slice(done, (done += limit)), context));
      }
      after = xids.at(-1) ?? '';
    }
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
