import { MongoServerError, Timestamp, type ClientSession } from 'mongodb';
import { available } from '../bulk.js';
import type { Database } from '../database.js';

/**
 * A moment of the database, as text to keep: whatever was acknowledged before it was taken is seen at it, and nothing that
 * was written later. Any process can read at it, until the server has forgotten it (`minSnapshotHistoryWindowInSeconds`).
 */
export type Snapshot = string;

/** The server no longer knows what its data was like at a snapshot. */
export class SnapshotExpiredError extends Error {
  override readonly name = 'SnapshotExpiredError';
}

/** How to read at a snapshot: options for every question, as a session alone yields to the client's own read concern. */
export interface SnapshotRead {
  readonly session: ClientSession;
  readonly readConcern: { readonly level: 'snapshot' };
}

/** Server codes: the history that a read asks for is gone, or does not reach back beyond a change of the collection's indexes. */
const FORGOTTEN: readonly unknown[] = [239, 246];

/** Takes snapshots, and lets be read at them. */
export class Snapshots {
  constructor(private readonly database: Database) {}

  /** The present moment. */
  async take(): Promise<Snapshot> {
    const { operationTime } = await available(this.database.client.db('admin').command({ hello: 1 }));
    if (!(operationTime instanceof Timestamp)) throw new Error('the server tells no time: it is no replica set');
    return `${operationTime.t}.${operationTime.i}`;
  }

  /**
   * Reads at a snapshot. Several reads may be under way at once.
   *
   * @throws SnapshotExpiredError, UnavailableError.
   */
  async with<Result>(snapshot: Snapshot, work: (read: SnapshotRead) => Promise<Result>): Promise<Result> {
    const session = this.database.client.startSession({ snapshot: true });
    try {
      // The driver sets this by the first answer; given before, every read is at that time instead.
      Object.assign(session, { snapshotTime: timestampOf(snapshot) });
      return await available(work({ session, readConcern: { level: 'snapshot' } }));
    } catch (error) {
      const isForgotten = error instanceof MongoServerError && FORGOTTEN.includes(error.code);
      throw isForgotten ? new SnapshotExpiredError('the snapshot is forgotten', { cause: error }) : error;
    } finally {
      await session.endSession();
    }
  }
}

/** Epoch ms of a snapshot, by the server's clock and to the second. */
export function snapshotTime(snapshot: Snapshot): number {
  return timestampOf(snapshot).t * 1_000;
}

/** The earlier of a snapshot that somebody else names and one that was just taken: the future cannot be read. */
export function earlierSnapshot(named: Snapshot, taken: Snapshot): Snapshot {
  const [[t, i], [takenT, takenI]] = [partsOf(named), partsOf(taken)];
  return t < takenT || (t === takenT && i <= takenI) ? named : taken;
}

function partsOf(snapshot: Snapshot): [number, number] {
  const [t = NaN, i = NaN] = snapshot.split('.').map(Number);
  return [t, i];
}

function timestampOf(snapshot: Snapshot): Timestamp {
  const [t, i] = partsOf(snapshot);
  if (!Number.isInteger(t) || !Number.isInteger(i)) throw new TypeError('not a snapshot');
  return new Timestamp({ t, i });
}
