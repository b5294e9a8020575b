import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { MergeWorkerConfiguration } from '@tessera/config';
import { edgeFeeds } from '@tessera/contracts';
import { EdgeCopies } from '@tessera/edge-store';
import type { Messaging, Producer } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import { EdgeFeeder } from '@tessera/projections';
import { ComputedAttributeReader, PeopleSnapshots, type Database } from '@tessera/stores';
import { ProfileChangesConsumer } from './profile-changes.consumer.js';
import { ProfileChangesHandler } from './profile-changes.handler.js';
import { ProjectionMetrics } from './projection-metrics.js';

export interface ProjectionParts {
  readonly configuration: MergeWorkerConfiguration;
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly prepare: () => Promise<unknown>;
}

/** Most hold a few changes; people are read in steps of bounded size whatever their number. */
const MESSAGES_AT_ONCE = 500;

/** One way to edges: its consumer, and the edges it feeds. */
interface Feed {
  readonly consumer: ProfileChangesConsumer;
  readonly edges: readonly EdgeCopies[];
}

/** The part of the merge worker that feeds edges. */
export function composeProjections({ configuration, database, messaging, ...parts }: ProjectionParts): EdgeFeeding {
  const metrics = new ProjectionMetrics(parts.metrics);
  const feeds = edgeFeeds(configuration.EDGE_DATA_CENTERS).map(({ group, dataCenters }): Feed => {
    const edges = dataCenters.map(
      ({ name: dataCenter, redisUrl = configuration.REDIS_URL }) =>
        new EdgeCopies({ redisUrl, redisPrefix: configuration.REDIS_PREFIX, dataCenter }),
    );
    const handler = new ProfileChangesHandler({
      feeder: new EdgeFeeder(new PeopleSnapshots(database), edges, {
        reader: new ComputedAttributeReader(database),
        tenantName: configuration.TENANT_NAME,
      }),
      producer: parts.producer,
      metrics,
      logger: parts.logger,
    });
    const consumer = new ProfileChangesConsumer(messaging, handler, {
      group,
      maxRecords: MESSAGES_AT_ONCE,
      concurrency: configuration.CONCURRENT_BATCHES,
      commitInterval: configuration.COMMIT_INTERVAL_MS,
      prepare: parts.prepare,
    });
    return { consumer, edges };
  });
  return new EdgeFeeding(feeds);
}

/** Feeds edges for as long as the application runs; their connections are closed once their consumers have stopped. */
export class EdgeFeeding implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(private readonly feeds: readonly Feed[]) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const { consumer } of this.feeds) consumer.onApplicationBootstrap();
    await Promise.all(this.edges.map((edge) => edge.connect()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.feeds.map(({ consumer }) => consumer.beforeApplicationShutdown()));
  }

  onApplicationShutdown(): void {
    for (const edge of this.edges) edge.close();
  }

  private get edges(): readonly EdgeCopies[] {
    return this.feeds.flatMap(({ edges }) => edges);
  }
}
