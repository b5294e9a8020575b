import type { ClientSession, Collection, Filter } from 'mongodb';
import { recordHeaders, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { DeadLetterDocument, StoredDeadLetter } from './dead-letter-document.js';
import { deadLetterQuery, DONE } from './dead-letter-query.js';

/** Whose dead letters: of a dataset, or of one batch. */
export type DeadLettersOf = { readonly datasetId: string } | { readonly batchId: string };

/** A dead letter as it is looked through. */
export type ReadDeadLetter = Pick<DeadLetterDocument, '_id' | 'record' | 'correction'>;

/** Removes dead letters of what is deleted, leaving only the marks that keep them from coming back. */
export class DeadLetterRemover {
  private readonly deadLetters: Collection<StoredDeadLetter>;

  constructor(database: Database) {
    this.deadLetters = database.collection('dead_letters');
  }

  /** Ids of those accepted at a moment (epoch ms) or before, some at a time. They may be removed as they come. */
  async *pages(tenant: Tenant, of: DeadLettersOf, at: number, limit: number): AsyncGenerator<readonly string[]> {
    const filter: Filter<StoredDeadLetter> = { ...deadLetterQuery(tenant, { to: at + 1 }), ...ownedBy(of) };
    const cursor = this.deadLetters.find(filter, { projection: { _id: 1 }, batchSize: limit });
    try {
      while (await available(cursor.hasNext())) yield cursor.readBufferedDocuments(limit).map(({ _id }) => _id);
    } finally {
      await cursor.close();
    }
  }

  /** Every dead letter accepted at a moment (epoch ms) or before, some at a time. */
  async *read(tenant: Tenant, at: number): AsyncGenerator<ReadDeadLetter> {
    const projection = { record: 1, correction: 1 };
    const filter = deadLetterQuery(tenant, { to: at + 1 });
    const found = this.deadLetters.find<ReadDeadLetter>(filter, { projection, promoteBuffers: true, batchSize: 100 });
    for await (const deadLetter of found) yield deadLetter;
  }

  /**
   * Removes dead letters by their ids.
   *
   * @param session of a transaction that this is a part of.
   * @returns how many.
   */
  async remove(tenant: Tenant, ids: readonly string[], session?: ClientSession): Promise<number> {
    if (ids.length === 0) return 0;
    const filter = { ...deadLetterQuery(tenant), _id: { $in: [...ids] } };
    return (await available(this.deadLetters.updateMany(filter, DONE, session ? { session } : {}))).modifiedCount;
  }
}

function ownedBy(of: DeadLettersOf): Filter<StoredDeadLetter> {
  if ('datasetId' in of) return { datasetId: of.datasetId };
  return { headers: { $elemMatch: { name: recordHeaders.batchId, value: of.batchId } } };
}
