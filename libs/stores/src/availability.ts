import type { Abortable, AbstractCursor, AggregateOptions, Collection, Document, MongoClient } from 'mongodb';
import { UnavailableError } from '@tessera/contracts';
import type { StoreTimer } from './store-timer.js';

/** Methods of a collection that ask the server and answer with a promise. */
const operations: ReadonlySet<PropertyKey> = new Set<keyof Collection>([
  'bulkWrite',
  'countDocuments',
  'createIndex',
  'createIndexes',
  'deleteMany',
  'deleteOne',
  'distinct',
  'drop',
  'dropIndex',
  'estimatedDocumentCount',
  'findOne',
  'findOneAndDelete',
  'findOneAndReplace',
  'findOneAndUpdate',
  'indexes',
  'insertMany',
  'insertOne',
  'replaceOne',
  'updateMany',
  'updateOne',
]);
/** Methods of a collection that give a cursor, which asks the server later. */
const cursors: ReadonlySet<PropertyKey> = new Set<keyof Collection>(['aggregate', 'find']);

type Method = (...parameters: unknown[]) => unknown;
type Named = Pick<Collection, 'collectionName'>;

/**
 * Knows whether the server is worth asking (a circuit breaker). The driver waits for a server that is away, for as long as
 * an election takes. One that stays away longer is down: whatever is asked then is refused at once (spec 02-conventions,
 * "Errors"), until the driver, which goes on looking, has found it again.
 */
export class Availability {
  /** Epoch ms since when no server takes writes. Undefined while one does, and before the first attempt to connect. */
  private awaySince: number | undefined;

  /** @param patience milliseconds for which a server that is away may come back before it counts as down. */
  constructor(
    client: Pick<MongoClient, 'on'>,
    private readonly patience: number,
    private readonly timer?: StoreTimer,
  ) {
    client.on('topologyDescriptionChanged', ({ newDescription }) => {
      const isThere = [...newDescription.servers.values()].some(({ isWritable }) => isWritable);
      this.awaySince = isThere ? undefined : (this.awaySince ?? Date.now());
    });
  }

  /** Why nothing should be asked now; undefined when the server is worth asking. */
  refusal(): UnavailableError | undefined {
    if (this.awaySince === undefined) return undefined;
    const duration = Date.now() - this.awaySince;
    if (duration <= this.patience) return undefined;
    return new UnavailableError('mongodb', new Error(`no server has taken writes for ${duration} ms`));
  }

  /** Options for a cursor: while the server is down its first read rejects. */
  cursorOptions(): AggregateOptions & Abortable {
    const refusal = this.refusal();
    return refusal === undefined ? {} : { signal: AbortSignal.abort(refusal) };
  }

  /** The same collection, whose operations reject with an UnavailableError, and are not begun, while the server is down. */
  guarded<T extends Document>(collection: Collection<T>): Collection<T> {
    return new Proxy(collection, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (operations.has(name)) return this.guardedOperation(target, String(name), value as Method);
        if (cursors.has(name)) return this.guardedCursor(target, String(name), value as Method);
        return value.bind(target) as unknown;
      },
    });
  }

  private guardedOperation(target: Named, name: string, method: Method): Method {
    return (...parameters) => {
      const refusal = this.refusal();
      if (refusal !== undefined) return Promise.reject(refusal);
      const asked = method.apply(target, parameters) as Promise<unknown>;
      return this.timer ? this.timer.time(target.collectionName, name, asked) : asked;
    };
  }

  private guardedCursor(target: Named, name: string, method: Method): Method {
    return (question, options) => {
      const given = { ...(options as object | undefined), ...this.cursorOptions() };
      const cursor = method.call(target, question, given) as AbstractCursor;
      // A cursor read bit by bit takes as long as its reader: that says nothing about the store.
      this.timer?.timeWhole(target.collectionName, name, cursor);
      return cursor;
    };
  }
}
