import {
  deadTopic,
  profileChangedMessageSchema,
  tenantKey,
  topics,
  type ProfileChange,
  type ProfileChangedMessage,
  type Tenant,
} from '@tessera/contracts';
import type { IncomingMessage, Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import type { EdgeFeeder } from '@tessera/projections';
import type { ProjectionMetrics } from './projection-metrics.js';

export interface ProfileChangesHandlerParts {
  readonly feeder: EdgeFeeder;
  /** Takes what cannot be decoded to the dead topic. */
  readonly producer: Producer;
  readonly metrics: ProjectionMetrics;
  readonly logger: Logger;
}

interface ChangesOfTenant {
  readonly tenant: Tenant;
  readonly changes: ProfileChange[];
}

/**
 * Brings what edges hold of changed people up to date, before the change counts as handled. A batch is read as it is now,
 * each person once however often they changed, so all of it may be repeated and handled in any order.
 */
export class ProfileChangesHandler {
  constructor(private readonly parts: ProfileChangesHandlerParts) {}

  /** @throws UnavailableError while MongoDB, the Redis of an edge or the broker is down; nothing is lost by calling again. */
  async handle(messages: readonly IncomingMessage[]): Promise<void> {
    const byTenant = new Map<string, ChangesOfTenant>();
    for (const message of messages) {
      const decoded = decode(message);
      if (!decoded) {
        await this.handlePoison(message);
        continue;
      }
      const { organisation, sandbox, changes } = decoded;
      const tenant = { organisation, sandbox };
      const known = byTenant.get(tenantKey(tenant));
      if (known) known.changes.push(...changes);
      else byTenant.set(tenantKey(tenant), { tenant, changes });
    }
    for (const { tenant, changes } of byTenant.values()) await this.apply(tenant, changes);
  }

  /** Puts aside a message that is no change, or cannot be handled although its neighbours can. */
  async handlePoison(message: IncomingMessage): Promise<void> {
    const { partition, offset } = message;
    this.parts.logger.error({ topic: topics.profileChanged, partition, offset }, 'Put aside a change of people');
    const headers = { partition: String(partition), offset: String(offset) };
    await this.parts.producer.send(deadTopic(topics.profileChanged), [{ value: message.value, headers }]);
  }

  private async apply(tenant: Tenant, changes: readonly ProfileChange[]): Promise<void> {
    // A cluster's id is the XID of somebody who was in it, and may be in none of the members told of here.
    const xids = new Set(changes.flatMap(({ members, replaced }) => [...members, ...replaced]));
    const results = await this.parts.feeder.refresh(tenant, xids);
    if (results.length > 0) this.parts.metrics.fed(results, changes);
  }
}

function decode(message: IncomingMessage): ProfileChangedMessage | undefined {
  try {
    return profileChangedMessageSchema.parse(JSON.parse(message.value.toString('utf8')));
  } catch {
    return undefined;
  }
}
