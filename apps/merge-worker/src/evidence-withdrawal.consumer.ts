import { consumerGroups, topics } from '@tessera/contracts';
import { ServiceConsumer, type Messaging, type ServiceConsumerOptions } from '@tessera/messaging';
import type { EvidenceWithdrawalHandler } from './evidence-withdrawal.handler.js';

type Options = Pick<ServiceConsumerOptions, 'commitInterval' | 'prepare'>;

/** Feeds withdrawals of evidence to the handler, one at a time, for as long as the application runs. */
export class EvidenceWithdrawalConsumer extends ServiceConsumer {
  constructor(messaging: Messaging, handler: EvidenceWithdrawalHandler, options: Options) {
    super(messaging, {
      ...options,
      topic: topics.identityWithdrawal,
      group: consumerGroups.mergeWithdrawals,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      maxRecords: 1,
      concurrency: 1,
    });
  }
}
