import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { available } from './bulk.js';
import { isDuplicateKey, type Database } from './database.js';

/** Who does something that only one process should do at a time. */
interface Lock {
  readonly _id: string;
  readonly holder: string;
  /** Epoch ms, by the holder's clock. */
  readonly until: number;
}

const POLL_MS = 100;

/**
 * Does some work while no other process does work of this name. A process that dies holds the others up until its time is
 * over, and so does one that takes longer: then a second one begins beside it, which the work must bear.
 *
 * @param longest milliseconds.
 * @throws UnavailableError, or whatever the work throws.
 */
export async function oneAtATime<Result>(
  database: Database,
  name: string,
  longest: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const locks = database.collection<Lock>('locks');
  const holder = randomUUID();
  while (!(await took(locks, { _id: name, holder, until: Date.now() + longest }))) await delay(POLL_MS);
  try {
    return await work();
  } finally {
    await available(locks.deleteOne({ _id: name, holder }));
  }
}

/** Takes a lock that nobody holds, or whose time is over. The upsert of one that is held collides with it. */
async function took(locks: Collection<Lock>, { _id, ...ours }: Lock): Promise<boolean> {
  const free = { _id, until: { $lt: Date.now() } };
  try {
    await available(locks.updateOne(free, { $set: ours }, { upsert: true }));
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
