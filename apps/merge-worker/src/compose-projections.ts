import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { MergeWorkerConfiguration } from '@tessera/config';
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

/** The part of the merge worker that feeds edges. */
export function composeProjections({ configuration, database, messaging, ...parts }: ProjectionParts) {
  const edges = configuration.EDGE_DATA_CENTERS.map(
    ({ name: dataCenter, redisUrl }) =>
      new EdgeCopies({
        redisUrl: redisUrl ?? configuration.REDIS_URL,
        redisPrefix: configuration.REDIS_PREFIX,
        dataCenter,
      }),
  );
  const handler = new ProfileChangesHandler({
    feeder: new EdgeFeeder(new PeopleSnapshots(database), edges, {
      reader: new ComputedAttributeReader(database),
      tenantName: configuration.TENANT_NAME,
    }),
    producer: parts.producer,
    metrics: new ProjectionMetrics(parts.metrics),
    logger: parts.logger,
  });
  const consumer = new ProfileChangesConsumer(messaging, handler, {
    maxRecords: configuration.BATCH_MAX_RECORDS,
    concurrency: configuration.CONCURRENT_BATCHES,
    commitInterval: configuration.COMMIT_INTERVAL_MS,
    prepare: parts.prepare,
  });
  return { consumer, connections: new EdgeConnections(edges) };
}

/** The worker's connections to the edges, closed once its consumer has stopped. */
export class EdgeConnections implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly edges: readonly EdgeCopies[]) {}

  async onApplicationBootstrap(): Promise<void> {
    await Promise.all(this.edges.map((edge) => edge.connect()));
  }

  onApplicationShutdown(): void {
    for (const edge of this.edges) edge.close();
  }
}
