import type { IngestionWorkerConfiguration } from '@tessera/config';
import type { JobHandler } from '@tessera/jobs';
import { BacklogReader, ChangePublisher, type Messaging, type Producer } from '@tessera/messaging';
import { createObjectStorage, type ObjectStorage, type ObjectStorageEnvironment } from '@tessera/object-storage';
import {
  BatchRowRemover,
  BatchStore,
  BatchWorkStore,
  FiguresMarks,
  GraphAnnouncements,
  HiddenBatches,
  IdentityGraphReader,
  RepeatRelease,
  StagedEvents,
  type Database,
  type Ledger,
} from '@tessera/stores';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import type { RecordReader } from '../records/record-reader.js';
import type { RecordWriter } from '../records/record-writer.js';
import { BatchFiles } from './batch-files.js';
import { BatchRemoval } from './batch-removal.js';
import { BatchReplacement } from './batch-replacement.js';
import { ChangedPeople } from './changed-people.js';
import { FileApplier } from './file-applier.js';
import { FileChecker } from './file-checker.js';
import { IngestBatchHandler } from './ingest-batch.handler.js';
import { RevertBatchHandler } from './revert-batch.handler.js';

export interface BatchParts {
  readonly configuration: ObjectStorageEnvironment &
    Pick<IngestionWorkerConfiguration, 'RECORD_MAX_BYTES' | 'BATCH_MAX_ROW_ERRORS'>;
  readonly database: Database;
  readonly messaging: Messaging;
  readonly producer: Producer;
  readonly reader: RecordReader;
  readonly writer: RecordWriter;
  readonly ledger: Ledger;
  readonly metrics: IngestionMetrics;
}

/** Puts together what works on batches. */
export function composeBatches(parts: BatchParts): {
  readonly handlers: JobHandler[];
  readonly storage: ObjectStorage;
  close: () => Promise<void>;
} {
  const { configuration, database, messaging, producer, reader, writer, ledger, metrics } = parts;
  const storage = createObjectStorage(configuration);
  const batches = new BatchStore(database);
  const works = new BatchWorkStore(database);
  const files = new BatchFiles(storage, configuration.RECORD_MAX_BYTES);
  const backlog = new BacklogReader(messaging);
  const hidden = new HiddenBatches(database);
  const marks = new FiguresMarks(database);
  const removal = new BatchRemoval({
    remover: new BatchRowRemover(database),
    repeats: new RepeatRelease(database),
    changedPeople: new ChangedPeople(
      new IdentityGraphReader(database),
      new GraphAnnouncements(database),
      new ChangePublisher(producer),
    ),
    hidden,
    marks,
    backlog,
    producer,
  });
  const staged = new StagedEvents(database);
  const replacement = new BatchReplacement({ batches, hidden, staged, marks, removal });
  const mostRowErrors = configuration.BATCH_MAX_ROW_ERRORS;
  const checker = new FileChecker({ batches, works, files, reader, storage, mostRowErrors });
  const applier = new FileApplier({ batches, works, files, reader, writer, ledger, metrics });
  return {
    storage,
    handlers: [
      new IngestBatchHandler({ batches, works, checker, applier, removal, replacement }),
      new RevertBatchHandler({ batches, removal }),
    ],
    close: () => backlog.close(),
  };
}
