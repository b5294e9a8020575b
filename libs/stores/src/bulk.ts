import {
  MongoBulkWriteError,
  type AnyBulkWriteOperation,
  type ClientSession,
  type Collection,
  type Document,
} from 'mongodb';
import { UnavailableError } from '@tessera/contracts';
import { DUPLICATE_KEY, isUnavailable } from './database.js';

/**
 * The index of `_id`, as a hint. A document that is asked for by its id and more is found by any index that fits; the server
 * tries some out, or asks its cache of plans, for every operation anew, which costs as much as the write itself.
 */
export const BY_ID = { _id: 1 } as const;

/** @throws UnavailableError in place of the driver's own errors for a server that cannot be reached. */
export async function available<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw isUnavailable(error) ? new UnavailableError('mongodb', error) : error;
  }
}

/**
 * Runs operations in one unordered bulk write, as few and large writes cost least.
 *
 * @returns the places of the operations that the server refused because their `_id` or another unique key is taken.
 * @throws any other failure; some of the operations may have been done, so they must bear being repeated.
 */
export async function unorderedBulk<T extends Document>(
  collection: Collection<T>,
  operations: AnyBulkWriteOperation<T>[],
  session?: ClientSession,
): Promise<number[]> {
  return (await runBulk(collection, operations, session)).refused;
}

/**
 * Like {@link unorderedBulk}, for inserts and for replacements that must not insert.
 *
 * @returns whether every single operation was done: nothing taken, and everything found that was to be replaced.
 */
export async function unorderedBulkDone<T extends Document>(
  collection: Collection<T>,
  operations: AnyBulkWriteOperation<T>[],
): Promise<boolean> {
  const { refused, matched } = await runBulk(collection, operations);
  return refused.length === 0 && matched === operations.filter((operation) => !('insertOne' in operation)).length;
}

/** Rounds after which others that write at the same time no longer explain that something is left. */
const MOST_ROUNDS = 100;

/**
 * Does rounds of work, each with what the one before left over, until nothing is left.
 *
 * @throws Error after a hundred of them: one write that never settles must not hold up all that come after it.
 */
export async function inRounds<Item>(
  items: readonly Item[],
  round: (pending: readonly Item[]) => Promise<readonly Item[]>,
): Promise<void> {
  let pending = items;
  for (let rounds = 0; pending.length > 0; rounds += 1) {
    if (rounds === MOST_ROUNDS) throw new Error(`${pending.length} writes are left after ${MOST_ROUNDS} rounds`);
    pending = await round(pending);
  }
}

async function runBulk<T extends Document>(
  collection: Collection<T>,
  operations: AnyBulkWriteOperation<T>[],
  session?: ClientSession,
): Promise<{ refused: number[]; matched: number }> {
  if (operations.length === 0) return { refused: [], matched: 0 };
  try {
    const { matchedCount } = await collection.bulkWrite(operations, { ordered: false, ...(session && { session }) });
    return { refused: [], matched: matchedCount };
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) return await available(Promise.reject(error as Error));
    const failures = [error.writeErrors].flat();
    const onlyTaken = failures.length > 0 && failures.every(({ code }) => code === DUPLICATE_KEY);
    if (!onlyTaken || error.result.getWriteConcernError() !== undefined) {
      return await available(Promise.reject(error));
    }
    return { refused: failures.map(({ index }) => index), matched: error.result.matchedCount };
  }
}
