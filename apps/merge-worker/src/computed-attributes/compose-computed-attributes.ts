import type { MergeWorkerConfiguration } from '@tessera/config';
import { jobSettings, JobWorker } from '@tessera/jobs';
import type { ChangePublisher, Messaging, Producer } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import {
  AttributePrograms,
  ComputedAttributeStore,
  CountedPlaces,
  CountedTenants,
  FiguresCalculator,
  FiguresMarks,
  GraphAnnouncements,
  IdentityGraphReader,
  PassingTime,
  type Database,
} from '@tessera/stores';
import { ComputedAttributeMetrics } from './computed-attribute-metrics.js';
import { EvaluateAttributeHandler } from './evaluate-attribute.handler.js';
import { FiguresUpdater } from './figures-updater.js';
import { OverdueFigures } from './overdue-figures.js';
import { RollingWindows } from './rolling-windows.js';
import { StoredEventsConsumer } from './stored-events.consumer.js';
import { StoredEventsHandler } from './stored-events.handler.js';

export interface ComputedAttributeParts {
  readonly configuration: MergeWorkerConfiguration;
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  readonly publisher: ChangePublisher;
  readonly prepare: () => Promise<unknown>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** They are small, and what they ask for is mostly the same. */
const MESSAGES_AT_ONCE = 500;

/** Puts together what counts events for computed attributes. */
export function composeComputedAttributes(parts: ComputedAttributeParts) {
  const { configuration, database, messaging, producer, publisher, prepare, logger, metrics } = parts;
  const attributes = new ComputedAttributeStore(database);
  const programs = new AttributePrograms();
  const marks = new FiguresMarks(database);
  const ownMetrics = new ComputedAttributeMetrics(metrics);
  const updater = new FiguresUpdater({
    marks,
    calculator: new FiguresCalculator(database, attributes, programs),
    graph: new IdentityGraphReader(database),
    announcements: new GraphAnnouncements(database),
    publisher,
    metrics: ownMetrics,
  });
  const commitInterval = configuration.COMMIT_INTERVAL_MS;
  return {
    consumer: new StoredEventsConsumer(
      messaging,
      new StoredEventsHandler({ counted: new CountedTenants(attributes), updater, producer, logger }),
      ownMetrics,
      {
        maxRecords: MESSAGES_AT_ONCE,
        concurrency: configuration.CONCURRENT_BATCHES,
        commitInterval,
        prepare,
      },
    ),
    jobs: new JobWorker({
      queue: 'computedAttribute',
      handlers: [new EvaluateAttributeHandler({ attributes, programs, places: new CountedPlaces(database), updater })],
      database,
      messaging,
      producer,
      logger,
      metrics,
      ...jobSettings(configuration),
      prepare,
    }),
    overdue: new OverdueFigures(marks, updater, logger),
    windows: new RollingWindows(new PassingTime(database, programs), attributes, updater, logger),
  };
}
