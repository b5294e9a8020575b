import {
  MongoClient,
  MongoError,
  type AggregationCursor,
  type ClientSession,
  type Collection,
  type Db,
  type Document,
} from 'mongodb';
import type { Metrics } from '@tessera/observability';
import { Availability } from './availability.js';
import { StoreTimer } from './store-timer.js';

/** A collection of the platform; each is written by one library folder only. */
export type CollectionName =
  | 'fragments'
  | 'events'
  | 'identities'
  | 'components'
  | 'links'
  | 'identity_settings'
  | 'identity_announcements'
  | 'transaction_sessions'
  | 'dead_letters'
  | 'ledger'
  | 'datasets'
  | 'connections'
  | 'namespaces'
  | 'sandboxes'
  | 'merge_policies'
  | 'merge_policy_versions'
  | 'issuer_keys'
  | 'schemas'
  | 'schema_descriptors'
  | 'schema_registries'
  | 'batches'
  | 'hidden_batches'
  | 'batch_files'
  | 'jobs'
  | 'exports'
  | 'export_parts'
  | 'export_numbers'
  | 'output_files'
  | 'deletion_requests'
  | 'deletion_fences'
  | 'deletion_touched'
  | 'deletion_receipts'
  | 'audit'
  | 'deletion_fence_versions'
  | 'projections'
  | 'computed_attributes'
  | 'computed_figures'
  | 'operator_sessions'
  | 'people_counts'
  | 'sample_works'
  | 'sample_parts'
  | 'reports'
  | 'computed_attribute_clock'
  | 'computed_attribute_publications';

export interface DatabaseOptions {
  readonly uri: string;
  readonly name: string;
  /** Milliseconds for which is waited for a server that is away; after them it counts as down. */
  readonly timeout?: number;
  readonly maxPoolSize?: number;
  /** Where latencies are shown; nowhere when not said. */
  readonly metrics?: Metrics;
}

/** Milliseconds between two looks whether the server is there: how soon a frozen one is noticed, and one that is back. */
const LOOK_EVERY_MS = 1_000;

/**
 * The connection to MongoDB. Writes are acknowledged by a majority and journaled: what a method has returned from is
 * durable (spec 01-concepts, guarantee 1). While the server is down every operation is refused at once.
 */
export class Database {
  private constructor(
    readonly client: MongoClient,
    private readonly db: Db,
    private readonly availability: Availability,
  ) {}

  /** Prepares a connection without waiting for the server, so that a service can start before its store does. */
  static create(options: DatabaseOptions): Database {
    const timeout = options.timeout ?? 2_000;
    const client = new MongoClient(options.uri, {
      appName: 'tessera',
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      retryWrites: true,
      retryReads: true,
      serverSelectionTimeoutMS: timeout,
      connectTimeoutMS: timeout,
      heartbeatFrequencyMS: LOOK_EVERY_MS,
      maxPoolSize: options.maxPoolSize ?? 32,
      ignoreUndefined: true,
    });
    const timer = options.metrics && new StoreTimer(options.metrics);
    return new Database(client, client.db(options.name), new Availability(client, timeout, timer));
  }

  /**
   * Connects, if there is no connection yet. A client whose first attempt failed tries again only when it is told to, so
   * every service calls this until it succeeds.
   */
  async connect(): Promise<void> {
    await this.client.connect();
  }

  collection<T extends Document>(name: CollectionName): Collection<T> {
    return this.availability.guarded(this.db.collection<T>(name));
  }

  /** Aggregates what `$documents`, the first stage, lists. */
  aggregate<T extends Document>(pipeline: Document[]): AggregationCursor<T> {
    return this.db.aggregate<T>(pipeline, this.availability.cursorOptions());
  }

  /** Runs a command of the database, in a session where one is given. */
  async command(command: Document, options: { readonly session?: ClientSession } = {}): Promise<Document> {
    const refusal = this.availability.refusal();
    if (refusal !== undefined) throw refusal;
    return this.db.command(command, options);
  }

  /** Round trip to the server; rejects when it does not answer. */
  async ping(): Promise<void> {
    const refusal = this.availability.refusal();
    if (refusal !== undefined) throw refusal;
    await this.db.command({ ping: 1 });
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

/** Whether an error says that the server could not be reached or has no primary: worth trying again, unlike a refusal. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  const names = [
    'MongoServerSelectionError',
    'MongoNetworkError',
    'MongoNetworkTimeoutError',
    'MongoPoolClearedError',
    'MongoPoolClosedError',
    'MongoWaitQueueTimeoutError',
    'MongoNotConnectedError',
    'MongoTopologyClosedError',
    'MongoOperationTimeoutError',
  ];
  return names.includes(error.name) || error.hasErrorLabel('RetryableWriteError');
}

/** Server code of a write refused because its unique key is taken. */
export const DUPLICATE_KEY = 11_000;
