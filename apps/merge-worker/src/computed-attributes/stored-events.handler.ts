import {
  deadTopic,
  eventsStoredMessageSchema,
  tenantKey,
  topics,
  type EventsStoredMessage,
  type Tenant,
} from '@tessera/contracts';
import type { IncomingMessage, Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import { figuresId, type CountedTenants, type FiguresKey } from '@tessera/stores';
import type { FiguresUpdater } from './figures-updater.js';

export interface StoredEventsHandlerParts {
  readonly counted: CountedTenants;
  readonly updater: FiguresUpdater;
  /** Takes what cannot be decoded to the dead topic. */
  readonly producer: Producer;
  readonly logger: Logger;
}

interface OfTenant {
  readonly tenant: Tenant;
  readonly keys: FiguresKey[];
  acceptedAt: number;
}

/** Counts the days on which events were stored, which are marked already: each once for all messages of a batch. */
export class StoredEventsHandler {
  constructor(private readonly parts: StoredEventsHandlerParts) {}

  /** @throws UnavailableError while the store or the broker is down; nothing is lost by calling again. */
  async handle(messages: readonly IncomingMessage[]): Promise<void> {
    const byTenant = new Map<string, OfTenant>();
    for (const message of messages) {
      const decoded = decode(message);
      if (!decoded) {
        await this.handlePoison(message);
        continue;
      }
      const { organisation, sandbox, acceptedAt, stored } = decoded;
      const key = tenantKey(decoded);
      const group = byTenant.get(key) ?? { tenant: { organisation, sandbox }, keys: [], acceptedAt };
      byTenant.set(key, group);
      group.acceptedAt = Math.max(group.acceptedAt, acceptedAt);
      for (const { datasetId, xids, days } of stored) {
        for (const day of days) group.keys.push({ datasetId, xids, day });
      }
    }
    for (const { tenant, keys, acceptedAt } of byTenant.values()) {
      if (!(await this.parts.counted.has(tenant))) continue;
      const ids = new Set(keys.map((key) => figuresId(tenant, key)));
      const xids = keys.flatMap((key) => key.xids);
      await this.parts.updater.count(tenant, [...ids], xids, acceptedAt);
    }
  }

  /** Puts aside a message that cannot be decoded, or cannot be handled although its neighbours can. */
  async handlePoison(message: IncomingMessage): Promise<void> {
    const { partition, offset } = message;
    this.parts.logger.error({ topic: topics.eventsStored, partition, offset }, 'Put aside a message of stored events');
    const headers = { partition: String(partition), offset: String(offset) };
    await this.parts.producer.send(deadTopic(topics.eventsStored), [{ value: message.value, headers }]);
  }
}

function decode(message: IncomingMessage): EventsStoredMessage | undefined {
  try {
    return eventsStoredMessageSchema.parse(JSON.parse(message.value.toString('utf8')));
  } catch {
    return undefined;
  }
}
