import {
  MongoClient,
  MongoCompatibilityError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoUnexpectedServerResponseError,
  type AggregationCursor,
  type ClientSession,
  type Collection,
  type Db,
  type Document,
} from 'mongodb';
import type { Metrics } from '@tessera/observability';
import { Availability } from './availability.js';
import { letQueriesDieYoung } from './open-items.js';
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
  | 'abandoned_deletions'
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
  | 'locks'
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

/** One update of a command; `u` may be a replacement, an update or a pipeline. */
export interface UpdateWrite {
  readonly q: Document;
  readonly u: Document;
  readonly upsert?: true;
  readonly multi?: true;
  readonly hint?: Document;
}

/** Writes of one command: 100,000 and 16 MB at most. */
export type Writes =
  | { readonly documents: readonly Document[] }
  | { readonly updates: readonly UpdateWrite[] }
  | { readonly deletes: readonly { q: Document; limit: 0 | 1; hint?: Document }[] };

/** What became of the writes of one command. */
export interface WriteAnswer {
  readonly count: number;
  readonly taken: readonly number[];
}

const COMMANDS = { documents: 'insert', updates: 'update', deletes: 'delete' } as const;

/** As {@link Database} writes everything; commands must say so themselves. */
const DURABLE = { w: 'majority', j: true } as const;

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
    private readonly timer: StoreTimer | undefined,
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
    letQueriesDieYoung(client);
    const timer = options.metrics && new StoreTimer(options.metrics);
    return new Database(client, client.db(options.name), new Availability(client, timeout, timer), timer);
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

  /**
   * Runs one command of writes, unordered, in a transaction where a session is given. It costs the server and this process
   * half of what the driver's own writes do: these measure every document first, and are noted one by one by the server, so
   * that the driver can send them again when an answer is lost. Whoever calls this must be able to repeat it instead.
   *
   * @returns how many documents were written or found, and the places of the writes refused because their `_id` or another
   *   unique key is taken.
   * @throws MongoError
   */
  async write(collection: CollectionName, writes: Writes, session?: ClientSession): Promise<WriteAnswer> {
    const refusal = this.availability.refusal();
    if (refusal !== undefined) throw refusal;
    const [name] = Object.keys(writes) as [keyof typeof COMMANDS];
    const command = { [COMMANDS[name]]: collection, ordered: false, ...writes };
    const asked = session
      ? this.db.command(command, { session })
      : this.db.command({ ...command, writeConcern: DURABLE });
    const { n, writeErrors = [] } = (await (this.timer?.time(collection, COMMANDS[name], asked) ?? asked)) as {
      readonly n: number;
      readonly writeErrors?: readonly { readonly index: number; readonly code: number; readonly errmsg: string }[];
    };
    const other = writeErrors.find(({ code }) => code !== DUPLICATE_KEY);
    if (other) throw new MongoServerError({ ...other, message: other.errmsg });
    return { count: n, taken: writeErrors.map(({ index }) => index) };
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
  const isAway = awayErrors.some((kind) => error instanceof kind) || AWAY_NAMES.has(error.name);
  return isAway || error.hasErrorLabel('RetryableWriteError') || NO_PRIMARY.has(Number(error.code));
}

/** What the driver fails with while the server is away, comes back, or is cut off in the middle of an operation. */
const awayErrors = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoServerClosedError,
  MongoOperationTimeoutError,
  // A server that has just been found again: the driver does not know yet that it can repeat writes,
  MongoUnexpectedServerResponseError,
  // or read snapshots.
  MongoCompatibilityError,
];
/** The same, of classes that the driver keeps to itself. */
const AWAY_NAMES: ReadonlySet<string> = new Set(['MongoPoolClosedError', 'MongoWaitQueueTimeoutError']);

/** Server codes of a node that is no primary (any more), or is about to end. */
const NO_PRIMARY: ReadonlySet<number> = new Set([91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436]);

/** Server code of a write refused because its unique key is taken. */
export const DUPLICATE_KEY = 11_000;

/** Whether a write was refused because its `_id` or another unique key is taken. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}
