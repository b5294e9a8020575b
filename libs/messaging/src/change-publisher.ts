import { topics, type ProfileChange, type ProfileChangedMessage, type Tenant } from '@tessera/contracts';
import type { OutgoingMessage, Producer } from './producer.js';

/** Changes of one cluster always meet in the same bucket, so that its consumers see them in order. Few: each is a message. */
const BUCKETS = 16;
const CHANGES_PER_MESSAGE = 200;

/** Tells the rest of the platform which people changed. */
export class ChangePublisher {
  constructor(private readonly producer: Producer) {}

  /** @throws UnavailableError when the brokers did not take everything; it may be published again. */
  async publish(tenant: Tenant, changes: readonly ProfileChange[]): Promise<void> {
    await this.producer.send(topics.profileChanged, changeMessages(tenant, changes));
  }
}

/** Packs changes into few messages. */
export function changeMessages(tenant: Tenant, changes: readonly ProfileChange[]): OutgoingMessage[] {
  const { organisation, sandbox } = tenant;
  const buckets = Map.groupBy(changes, ({ clusterId }) => clusterId.charCodeAt(0) % BUCKETS);
  const messages: OutgoingMessage[] = [];
  for (const [bucket, some] of buckets) {
    for (let from = 0; from < some.length; from += CHANGES_PER_MESSAGE) {
      const message: ProfileChangedMessage = {
        organisation,
        sandbox,
        changes: some.slice(from, from + CHANGES_PER_MESSAGE),
      };
      messages.push({ key: `bucket-${bucket}`, value: JSON.stringify(message) });
    }
  }
  return messages;
}
