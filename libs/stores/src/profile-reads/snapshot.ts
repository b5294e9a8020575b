import { MongoServerError, type ClientSession, type FindOptions, type ReadConcernLike, type Timestamp } from 'mongodb';
import { available } from '../bulk.js';
import type { Database } from '../database.js';

/** Options that make a read one of a snapshot. */
export type SnapshotOptions = Pick<FindOptions, 'session'> & { readonly readConcern: ReadConcernLike };

/** One moment of the database. */
export interface Snapshot {
  /** For every read; each needs a fresh one, since the driver writes into it. The first read decides the moment. */
  options(): SnapshotOptions;
  /**
   * Which moment it is, once something was read: {@link snapshotVersion} of its cluster time. Of two snapshots, the one
   * with the larger version shows everything the other shows, and what came after.
   */
  version(): number;
}

/** Refusals for what the server cannot show at that moment (yet, or any more); another moment helps. */
const TRY_ANOTHER_MOMENT: ReadonlySet<unknown> = new Set([
  239, // SnapshotTooOld
  246, // SnapshotUnavailable: the collection, or an index of it, was made a moment ago.
]);
const MOST_TRIES = 50;
const PAUSE_MS = 20;

/** 2020-01-01 in epoch seconds. */
const VERSIONS_BEGIN = 1_577_836_800;
/** Steps of the logical clock in a second that versions tell apart: a replica set makes far fewer writes. */
const STEPS = 2 ** 20;

/**
 * A cluster time (seconds and a counter within the second) as one whole number, exact in JSON and in Lua: 20 bits for the
 * counter leave 33 for the seconds, enough for 272 years.
 */
export function snapshotVersion({ t, i }: Pick<Timestamp, 't' | 'i'>): number {
  return (t - VERSIONS_BEGIN) * STEPS + Math.min(i, STEPS - 1);
}

/** When a version was current, epoch ms, good to a second. */
export function timeOfVersion(version: number): number {
  return (Math.floor(version / STEPS) + VERSIONS_BEGIN) * 1_000;
}

/**
 * Reads several collections as of one moment, the newest that a majority has: whatever was acknowledged before is in it.
 *
 * @param read called again, with another moment, where the server cannot show the first.
 * @throws UnavailableError while the server is down.
 */
export async function atOneMoment<Result>(
  database: Database,
  read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const session = database.client.startSession({ snapshot: true });
    try {
      return await available(read(snapshotOf(session)));
    } catch (error) {
      const isOfMoment = error instanceof MongoServerError && TRY_ANOTHER_MOMENT.has(error.code);
      if (!isOfMoment || tries === MOST_TRIES) throw error;
    } finally {
      await session.endSession();
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function snapshotOf(session: ClientSession & { readonly snapshotTime?: Timestamp }): Snapshot {
  return {
    options: () => ({ session, readConcern: { level: 'snapshot' } }),
    version: () => {
      if (session.snapshotTime === undefined) throw new Error('a snapshot has a moment once something was read of it');
      return snapshotVersion(session.snapshotTime);
    },
  };
}
