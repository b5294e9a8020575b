import type { IndexDescription } from 'mongodb';
import type { CollectionName, Database } from './database.js';
import { auditIndexes } from './audit/audit-store.js';
import { batchIndexes } from './batches/batch-document.js';
import { batchRowIndexes } from './batches/batch-row-remover.js';
import { computedAttributeIndexes } from './computed-attributes/computed-attribute-document.js';
import { figuresIndexes } from './computed-attributes/figures-document.js';
import { connectionIndexes } from './connections/connection-store.js';
import { datasetIndexes } from './datasets/dataset-document.js';
import { deadLetterIndexes } from './dead-letters/dead-letter-document.js';
import { deletionFenceIndexes } from './deletions/deletion-fence.js';
import { eventIndexes } from './events/event-document.js';
import { exportIndexes } from './exports/export-documents.js';
import { fragmentIndexes } from './fragments/fragment-document.js';
import { hiddenBatchIndexes } from './events/hidden-batches.js';
import { identityGraphIndexes } from './identity-graph/graph-documents.js';
import { jobIndexes } from './jobs/job-document.js';
import { ledgerIndexes } from './ledger/ledger-document.js';
import { namespaceIndexes } from './namespaces/namespace-store.js';
import { oneAtATime } from './one-at-a-time.js';
import { operatorSessionIndexes } from './operator-sessions/operator-session-store.js';
import { projectionIndexes } from './projections/projection-document.js';
import { sandboxIndexes } from './sandboxes/sandbox-store.js';
import { sampleReportIndexes } from './samples/sample-report-store.js';
import { sampleWorkIndexes } from './samples/sample-work-store.js';
import { schemaIndexes } from './schemas/schema-document.js';

/** An index of a collection. Each is named beside its document's shape and must earn its place in writes. */
export interface IndexDefinition {
  readonly collection: CollectionName;
  readonly key: IndexDescription['key'];
  readonly options?: Omit<IndexDescription, 'key'>;
}

const definitions: readonly IndexDefinition[] = [
  ...sandboxIndexes,
  ...schemaIndexes,
  ...datasetIndexes,
  ...connectionIndexes,
  ...batchIndexes,
  ...namespaceIndexes,
  ...fragmentIndexes,
  ...eventIndexes,
  ...hiddenBatchIndexes,
  ...projectionIndexes,
  ...deadLetterIndexes,
  ...auditIndexes,
  ...deletionFenceIndexes,
  ...identityGraphIndexes,
  ...batchRowIndexes,
  ...jobIndexes,
  ...ledgerIndexes,
  ...operatorSessionIndexes,
  ...computedAttributeIndexes,
  ...figuresIndexes,
  ...exportIndexes,
  ...sampleWorkIndexes,
  ...sampleReportIndexes,
];

/** Milliseconds one service may take before the next one begins beside it. */
const LONGEST = 20_000;

/**
 * Connects, and creates whatever index is missing. Safe to call from every service at once: they take turns, as commands
 * that create the same things at once wait for each other in the server, on a busy one for minutes.
 */
export async function ensureIndexes(database: Database): Promise<void> {
  await database.connect();
  await oneAtATime(database, 'indexes', LONGEST, async () => {
    for (const [collection, ofCollection] of Map.groupBy(definitions, (definition) => definition.collection)) {
      const descriptions = ofCollection.map(({ key, options }) => ({ key, ...options }));
      await database.collection(collection).createIndexes(descriptions);
    }
  });
}
