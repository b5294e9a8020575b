import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { consumerGroups, topics } from '@tessera/contracts';
import { BatchConsumer, untilSucceeds, type Messaging } from '@tessera/messaging';
import type { IdentitySettingsHandler } from './identity-settings.handler.js';

export interface IdentitySettingsConsumerOptions {
  /** Milliseconds. */
  readonly commitInterval: number;
  /** What must have succeeded before the first message is taken: topics, indexes, connections. */
  readonly prepare: () => Promise<unknown>;
}

/** Feeds changes of linking rules to the handler, a few at a time, for as long as the application runs. */
export class IdentitySettingsConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly consumer: BatchConsumer;
  private readonly stopping = new AbortController();
  private starting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly messaging: Messaging,
    handler: IdentitySettingsHandler,
    private readonly options: IdentitySettingsConsumerOptions,
  ) {
    this.consumer = new BatchConsumer(messaging, {
      topic: topics.identitySettings,
      group: consumerGroups.mergeSettings,
      handle: (messages) => handler.handle(messages),
      handlePoison: (message) => handler.handlePoison(message),
      maxRecords: 1,
      concurrency: 1,
      commitInterval: options.commitInterval,
    });
  }

  onApplicationBootstrap(): void {
    const start = async () => {
      await this.options.prepare();
      await this.consumer.start();
    };
    this.starting = untilSucceeds(start, {
      signal: this.stopping.signal,
      onFailure: (error) =>
        this.messaging.options.logger.warn({ error: String(error) }, 'Not ready to consume yet; trying again'),
    });
  }

  /** Before the connections close, which the work in hand still needs. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.starting;
    await this.consumer.stop();
  }
}
