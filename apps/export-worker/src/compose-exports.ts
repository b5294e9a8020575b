import type { ExportWorkerConfiguration } from '@tessera/config';
import { createObjectStorage, type ObjectStorage, type ObjectStorageEnvironment } from '@tessera/object-storage';
import type { Logger, Metrics } from '@tessera/observability';
import {
  ComputedAttributeReader,
  DeletionFences,
  EventCounts,
  ExportPublisher,
  ExportStore,
  JobStore,
  PeopleScan,
  PersonEvents,
  SchemaStore,
  type Database,
} from '@tessera/stores';
import { ExportMetrics } from './export-metrics.js';
import { Deletions } from './exports/deletions.js';
import { ExportCleaner } from './exports/export-cleaner.js';
import { ExportPlanner } from './exports/export-planner.js';
import { ExportHandler } from './exports/export.handler.js';
import { PartWriter } from './exports/part-writer.js';
import { PersonRows } from './exports/person-rows.js';

/** Identities of one page: two are held at once and outlive young memory; smaller ones do not make the worker wait. */
const PAGE = 500;

export interface ExportParts {
  readonly configuration: ObjectStorageEnvironment &
    Pick<ExportWorkerConfiguration, 'EXPORT_RANGE_PEOPLE' | 'EXPORT_FILE_BYTES'>;
  readonly database: Database;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Puts together what makes exports. */
export function composeExports({ configuration, database, logger, metrics }: ExportParts): {
  readonly handler: ExportHandler;
  readonly cleaner: ExportCleaner;
  readonly storage: ObjectStorage;
} {
  const storage = createObjectStorage(configuration);
  const exports = new ExportStore(database);
  const scan = new PeopleScan(database, { pageSize: PAGE });
  const counts = new EventCounts(database);
  const attributes = new ComputedAttributeReader(database);
  const planner = new ExportPlanner({
    ...{ exports, scan, counts, attributes },
    schemas: new SchemaStore(database),
    deletions: new Deletions(new DeletionFences(database)),
    rangePeople: configuration.EXPORT_RANGE_PEOPLE,
  });
  const rows = new PersonRows({ scan, counts, attributes, events: new PersonEvents(database) });
  const handler = new ExportHandler({
    ...{ exports, planner, storage },
    writer: new PartWriter({ rows, storage, fileWeight: configuration.EXPORT_FILE_BYTES }),
    publisher: new ExportPublisher(database),
    metrics: new ExportMetrics(metrics),
  });
  return { handler, cleaner: new ExportCleaner({ exports, jobs: new JobStore(database), storage, logger }), storage };
}
