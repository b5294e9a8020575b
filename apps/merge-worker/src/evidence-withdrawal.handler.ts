import { setTimeout as delay } from 'node:timers/promises';
import {
  consumerGroups,
  deadTopic,
  identityEvidenceWithdrawnMessageSchema,
  tenantKey,
  topics,
  type IdentityEvidenceWithdrawnMessage,
} from '@tessera/contracts';
import type { BacklogReader, ChangePublisher, IncomingMessage, Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import type { GraphAnnouncements, IdentityGraphMaintenance } from '@tessera/stores';
import type { GraphMetrics } from './graph-metrics.js';

export interface EvidenceWithdrawalHandlerParts {
  readonly maintenance: IdentityGraphMaintenance;
  readonly announcements: GraphAnnouncements;
  readonly publisher: ChangePublisher;
  /** Takes what is not done yet back to the topic, and what cannot be decoded to the dead topic. */
  readonly producer: Producer;
  readonly backlog: BacklogReader;
  readonly metrics: GraphMetrics;
  readonly logger: Logger;
  /** Steps of one message: few enough that the broker does not take the worker for dead meanwhile. */
  readonly maxSteps?: number;
  /** Milliseconds before a withdrawal that came too early is looked at again. */
  readonly patience?: number;
}

/**
 * Forgets what a batch said about who belongs together, and says who changed. It waits until the evidence written before
 * the withdrawal has been taken in, which would otherwise come back after it. All of it may be repeated, since what is
 * forgotten is not found any more.
 */
export class EvidenceWithdrawalHandler {
  constructor(private readonly parts: EvidenceWithdrawalHandlerParts) {}

  /** @throws UnavailableError while the store or the broker is down; nothing is lost by calling again. */
  async handle(messages: readonly IncomingMessage[]): Promise<void> {
    for (const message of messages) {
      const decoded = decode(message);
      if (!decoded) await this.handlePoison(message);
      else if (await this.isTakenIn(decoded)) await this.withdraw(decoded);
      else {
        await delay(this.parts.patience ?? 500);
        await this.sendAgain(decoded);
      }
    }
  }

  /** Puts aside a message that cannot be decoded, or cannot be handled although its neighbours can. */
  async handlePoison(message: IncomingMessage): Promise<void> {
    const { partition, offset } = message;
    this.parts.logger.error({ topic: topics.identityWithdrawal, partition, offset }, 'Put aside a withdrawal');
    const headers = { partition: String(partition), offset: String(offset) };
    await this.parts.producer.send(deadTopic(topics.identityWithdrawal), [{ value: message.value, headers }]);
  }

  private async isTakenIn({ after }: IdentityEvidenceWithdrawnMessage): Promise<boolean> {
    const { partitions } = await this.parts.backlog.read(topics.identityEvidence, consumerGroups.merge);
    const reached = new Map(partitions.map(({ partition, end, messages }) => [partition, end - messages]));
    return after.every(({ partition, offset }) => (reached.get(partition) ?? Infinity) >= offset);
  }

  private async withdraw(message: IdentityEvidenceWithdrawnMessage): Promise<void> {
    const { maintenance, announcements, publisher, metrics, logger, maxSteps = 10 } = this.parts;
    const { organisation, sandbox, datasetId, batchId, acceptedAt } = message;
    const tenant = { organisation, sandbox };
    let steps = 0;
    let people = 0;
    for await (const result of maintenance.removeEvidence(tenant, { datasetId, batchId }, acceptedAt)) {
      metrics.applied(0, result);
      await publisher.publish(tenant, result.changes);
      await announcements.done(result.announcements);
      steps += 1;
      people += result.changes.length;
      if (steps < maxSteps) continue;
      await this.sendAgain(message);
      break;
    }
    if (steps > 0) logger.info({ ...tenant, datasetId, batchId, people }, 'Forgot the evidence of a batch');
  }

  private async sendAgain(message: IdentityEvidenceWithdrawnMessage): Promise<void> {
    const again = { key: tenantKey(message), value: JSON.stringify(message) };
    await this.parts.producer.send(topics.identityWithdrawal, [again]);
  }
}

function decode(message: IncomingMessage): IdentityEvidenceWithdrawnMessage | undefined {
  try {
    return identityEvidenceWithdrawnMessageSchema.parse(JSON.parse(message.value.toString('utf8')));
  } catch {
    return undefined;
  }
}
