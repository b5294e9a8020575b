import {
  deadTopic,
  identitySettingsChangedMessageSchema,
  tenantKey,
  topics,
  type IdentitySettingsChangedMessage,
} from '@tessera/contracts';
import type { ChangePublisher, IncomingMessage, Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import type { GraphAnnouncements, IdentityGraphMaintenance, IdentitySettingsRepository } from '@tessera/stores';
import type { GraphMetrics } from './graph-metrics.js';

export interface IdentitySettingsHandlerParts {
  readonly settings: IdentitySettingsRepository;
  readonly maintenance: IdentityGraphMaintenance;
  readonly announcements: GraphAnnouncements;
  readonly publisher: ChangePublisher;
  /** Takes what remains of a large sandbox back to the topic, and what cannot be decoded to the dead topic. */
  readonly producer: Producer;
  readonly metrics: GraphMetrics;
  readonly logger: Logger;
  /** Steps of one message: few enough that the broker does not take the worker for dead meanwhile. */
  readonly maxSteps?: number;
}

/**
 * Applies changed linking rules to who is linked already, and says who changed. A large sandbox takes many messages: each
 * does some steps and sends itself again. All of it may be repeated, since what is judged by the rules in force is not
 * found any more.
 */
export class IdentitySettingsHandler {
  constructor(private readonly parts: IdentitySettingsHandlerParts) {}

  /** @throws UnavailableError while the store or the broker is down; nothing is lost by calling again. */
  async handle(messages: readonly IncomingMessage[]): Promise<void> {
    const newest = new Map<string, IdentitySettingsChangedMessage>();
    for (const message of messages) {
      const decoded = decode(message);
      if (decoded) newest.set(tenantKey(decoded), decoded);
      else await this.handlePoison(message);
    }
    for (const message of newest.values()) await this.apply(message);
  }

  /** Puts aside a message that cannot be decoded, or cannot be handled although its neighbours can. */
  async handlePoison(message: IncomingMessage): Promise<void> {
    const { partition, offset } = message;
    this.parts.logger.error({ topic: topics.identitySettings, partition, offset }, 'Put aside a change of settings');
    const headers = { partition: String(partition), offset: String(offset) };
    await this.parts.producer.send(deadTopic(topics.identitySettings), [{ value: message.value, headers }]);
  }

  private async apply(message: IdentitySettingsChangedMessage): Promise<void> {
    const { settings, maintenance, announcements, publisher, producer, metrics, logger, maxSteps = 3 } = this.parts;
    const { organisation, sandbox, changedAt } = message;
    const tenant = { organisation, sandbox };
    const { version } = await settings.get(tenant);
    let steps = 0;
    let people = 0;
    for await (const result of maintenance.rebuild(tenant, changedAt)) {
      metrics.applied(0, result);
      await publisher.publish(tenant, result.changes);
      await announcements.done(result.announcements);
      steps += 1;
      people += result.changes.length;
      if (steps === maxSteps) break;
    }
    if (steps > 0) logger.info({ ...tenant, people }, 'Applied changed linking rules');
    if (steps < maxSteps) {
      await settings.applied(tenant, version);
      return;
    }
    await producer.send(topics.identitySettings, [{ key: tenantKey(tenant), value: JSON.stringify(message) }]);
    await settings.applying(tenant);
  }
}

function decode(message: IncomingMessage): IdentitySettingsChangedMessage | undefined {
  try {
    return identitySettingsChangedMessageSchema.parse(JSON.parse(message.value.toString('utf8')));
  } catch {
    return undefined;
  }
}
