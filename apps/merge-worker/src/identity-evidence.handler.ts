import {
  deadTopic,
  identityEvidenceMessageSchema,
  tenantKey,
  topics,
  type IdentityEvidence,
  type IdentityEvidenceMessage,
  type Tenant,
} from '@tessera/contracts';
import type { ChangePublisher, IncomingMessage, Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import type { DeletionFences, GraphAnnouncements, GraphResult, IdentityGraphWriter } from '@tessera/stores';
import type { GraphMetrics } from './graph-metrics.js';
import { undeletedEvidence } from './undeleted-evidence.js';

export interface IdentityEvidenceHandlerParts {
  readonly graph: IdentityGraphWriter;
  readonly fences: DeletionFences;
  readonly announcements: GraphAnnouncements;
  readonly publisher: ChangePublisher;
  /** Takes what cannot be decoded to the dead topic. */
  readonly producer: Producer;
  readonly metrics: GraphMetrics;
  readonly logger: Logger;
}

/**
 * Brings the identity graph up to date and says who changed, before the evidence counts as handled. Both may be repeated:
 * evidence is a set, and whoever hears of a change reads what is current.
 */
export class IdentityEvidenceHandler {
  constructor(private readonly parts: IdentityEvidenceHandlerParts) {}

  /** @throws UnavailableError while the store or the broker is down; nothing is lost by calling again. */
  async handle(messages: readonly IncomingMessage[]): Promise<void> {
    const byTenant = new Map<string, { readonly tenant: Tenant; readonly evidence: IdentityEvidence[] }>();
    for (const message of messages) {
      const decoded = decode(message);
      if (!decoded) {
        await this.handlePoison(message);
        continue;
      }
      const { organisation, sandbox, evidence } = decoded;
      const tenant = { organisation, sandbox };
      const known = byTenant.get(tenantKey(tenant));
      if (known) known.evidence.push(...evidence);
      else byTenant.set(tenantKey(tenant), { tenant, evidence });
    }
    for (const { tenant, evidence } of byTenant.values()) await this.apply(tenant, evidence);
  }

  /** Puts aside a message that is no evidence, or cannot be applied although its neighbours can. */
  async handlePoison(message: IncomingMessage): Promise<void> {
    const { partition, offset } = message;
    this.parts.logger.error({ topic: topics.identityEvidence, partition, offset }, 'Put aside a message of evidence');
    const headers = { partition: String(partition), offset: String(offset) };
    await this.parts.producer.send(deadTopic(topics.identityEvidence), [{ value: message.value, headers }]);
  }

  private async apply(tenant: Tenant, stated: readonly IdentityEvidence[]): Promise<void> {
    const { graph, fences, announcements, publisher, metrics } = this.parts;
    const table = await fences.readFor(
      tenant,
      stated.map(({ datasetId, batchId, identities }) => ({
        datasetId,
        batchId,
        xids: identities.map(({ xid }) => xid),
      })),
    );
    const evidence = undeletedEvidence(stated, table);
    const result = await graph.apply(tenant, evidence);
    metrics.applied(evidence.length, result);
    this.log(tenant, result);
    await publisher.publish(tenant, result.changes);
    await announcements.done(result.announcements);
  }

  private log(tenant: Tenant, { counts: { evicted, leftOut, dropped } }: GraphResult): void {
    if (evicted + leftOut + dropped === 0) return;
    this.parts.logger.info({ ...tenant, evicted, leftOut, dropped }, 'A limit or a linking rule decided who is who');
  }
}

function decode(message: IncomingMessage): IdentityEvidenceMessage | undefined {
  try {
    return identityEvidenceMessageSchema.parse(JSON.parse(message.value.toString('utf8')));
  } catch {
    return undefined;
  }
}
