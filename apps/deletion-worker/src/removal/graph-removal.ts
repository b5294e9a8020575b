import type { ChangePublisher } from '@tessera/messaging';
import type {
  Deletion,
  GraphAnnouncements,
  IdentityGraphMaintenance,
  IdentityGraphReader,
  IdentityVanisher,
  TouchedIdentities,
  WithdrawnEvidence,
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

/** Identities looked at together. */
const STEP = 200;

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
    const before = await maintenance.countLinks(tenant, withdrawn);
    if (before > 0) {
      for await (const { changes, announcements: pending } of maintenance.removeEvidence(tenant, withdrawn, at)) {
        // Whoever hung together by it may be spoken of no more.
        await touched.add(
          tenant,
          id,
          changes.flatMap(({ members }) => members),
        );
        await publisher.publish(tenant, changes);
        await announcements.done(pending);
        await context.removed('links', 0);
      }
      const left = await maintenance.countLinks(tenant, withdrawn);
      await context.removed('links', Math.max(0, before - left));
    }
  }

  private async settleTouched(context: RemovalContext): Promise<void> {
    const { vanisher, reader, publisher, touched, edges } = this.parts;
    const { id, tenant, at } = context.deletion;
    for (;;) {
      const xids = await touched.some(tenant, id, STEP);
      if (xids.length === 0) return;
      const gone = await vanisher.vanish(tenant, xids);
      const changes = await reader.changesOf(tenant, xids, at);
      await publisher.publish(tenant, changes);
      const members = new Set(changes.flatMap((change) => change.members));
      await context.removed('edges', await edges.refresh(tenant, [...members]));
      await touched.done(tenant, id, xids);
      await context.removed('identities', gone);
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
