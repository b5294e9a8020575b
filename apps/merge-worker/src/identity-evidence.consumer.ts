import { consumerGroups, topics } from '@tessera/contracts';
import { ServiceConsumer, type Messaging, type ServiceConsumerOptions } from '@tessera/messaging';
import type { GraphMetrics } from './graph-metrics.js';
import type { IdentityEvidenceHandler } from './identity-evidence.handler.js';

type Options = Pick<ServiceConsumerOptions, 'maxRecords' | 'concurrency' | 'commitInterval' | 'prepare'>;

/** Feeds the evidence topic to the handler for as long as the application runs. */
export class IdentityEvidenceConsumer extends ServiceConsumer {
  constructor(messaging: Messaging, handler: IdentityEvidenceHandler, metrics: GraphMetrics, options: Options) {
    super(messaging, {
      ...options,
      topic: topics.identityEvidence,
      group: consumerGroups.merge,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      onBatch: (batch) => metrics.batch(batch),
    });
  }
}
