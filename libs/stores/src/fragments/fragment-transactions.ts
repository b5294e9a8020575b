import { setTimeout as delay } from 'node:timers/promises';
import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID } from '../bulk.js';
import type { Database } from '../database.js';
import { inTransaction, isConflict, type SessionLender } from '../identity-graph/transaction-runner.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';
import { fragmentDocument, type FragmentEffect, type FragmentWrite } from './fragment-write.js';

/** Of one transaction, about: the server holds it in its memory until it ends, and takes commands of 16 MB. */
const MOST_CHARACTERS = 4_000_000;
const MOST_WRITES = 2_000;

/** Two neighbouring parts of a file often have one person in common: further attempts come after the other part. */
const ATTEMPTS = 4;
/** Milliseconds before a further attempt, at most: about as long as a transaction takes. */
const LONGEST_PAUSE = 60;

/** What a transaction made of each record; those in `late` are older than the fragment, and may yet have a part in it. */
export interface ReplacedFragments {
  readonly effects: ReadonlyMap<FragmentWrite, FragmentEffect>;
  readonly late: readonly FragmentWrite[];
}

/**
 * Writes many whole records at once: reads which versions are stored, and puts what is newer in their places, in one
 * transaction. Somebody else's write to one of the fragments in between is a conflict, so that what was read still holds for
 * what is written.
 *
 * What is replaced is removed in one write and inserted in another: the server plans, checks and logs each of several
 * replacements by itself, but does these two for all documents together. That costs it a third of writes whose condition it
 * checks one by one.
 */
export class FragmentTransactions {
  private readonly fragments: Collection<FragmentDocument>;

  constructor(
    private readonly database: Database,
    private readonly sessions: SessionLender,
  ) {
    this.fragments = database.collection('fragments');
  }

  /**
   * @param writes at most one for each fragment, none of them partial.
   * @returns undefined when others keep writing to some of the same fragments: then nothing is done.
   * @throws UnavailableError
   */
  async replace(tenant: Tenant, writes: readonly FragmentWrite[]): Promise<ReplacedFragments | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await available(inTransaction(this.sessions, (session) => this.write(tenant, writes, session)));
      } catch (error) {
        if (!isConflict(error) && !(error instanceof OthersWroteError)) throw error;
        if (attempt === ATTEMPTS) return undefined;
        await delay(Math.random() * LONGEST_PAUSE);
      }
    }
  }

  private async write(
    tenant: Tenant,
    writes: readonly FragmentWrite[],
    session: ClientSession,
  ): Promise<ReplacedFragments> {
    const ids = writes.map(({ datasetId, xid }) => fragmentId(datasetId, xid));
    const stored = await this.fragments
      .find<StoredVersion>(
        { tenant: tenantKey(tenant), _id: { $in: ids } },
        { projection: STORED_VERSION, hint: BY_ID, session, batchSize: ids.length + 1 },
      )
      .toArray();
    const byId = new Map(stored.map((fragment) => [fragment._id, fragment]));
    const effects = new Map<FragmentWrite, FragmentEffect>();
    const late: FragmentWrite[] = [];
    const documents: FragmentDocument[] = [];
    const replaced: string[] = [];
    for (const [index, write] of writes.entries()) {
      const current = byId.get(ids[index] as string);
      if (current !== undefined && current.version > write.version) {
        if (current.merged) late.push(write);
        else effects.set(write, 'superseded');
        continue;
      }
      effects.set(write, 'stored');
      if (current?.version === write.version) continue;
      documents.push(fragmentDocument(tenant, write, write));
      if (current !== undefined) replaced.push(current._id);
    }
    await this.remove(tenant, replaced, session);
    await this.insert(documents, session);
    return { effects, late };
  }

  private async remove(tenant: Tenant, ids: readonly string[], session: ClientSession): Promise<void> {
    if (ids.length === 0) return;
    const q = { tenant: tenantKey(tenant), _id: { $in: ids } };
    const { count } = await this.database.write('fragments', { deletes: [{ q, limit: 0, hint: BY_ID }] }, session);
    if (count !== ids.length) throw new OthersWroteError();
  }

  private async insert(documents: readonly FragmentDocument[], session: ClientSession): Promise<void> {
    if (documents.length === 0) return;
    const { count } = await this.database.write('fragments', { documents }, session);
    if (count !== documents.length) throw new OthersWroteError();
  }
}

/** Not every write of a transaction was done. */
class OthersWroteError extends Error {
  override readonly name = 'OthersWroteError';
}

/** What is to be known of a stored fragment to judge a write. */
export interface StoredVersion {
  readonly _id: string;
  readonly version: string;
  /** Whether more than its newest record has a part in it. */
  readonly merged: boolean;
}

/** Reads a fragment as {@link StoredVersion}. */
export const STORED_VERSION = { version: 1, merged: { $ne: [{ $type: '$fieldVersions' }, 'missing'] } } as const;

/** Writes cut into parts that a transaction holds well, in their order. */
export function bundles(writes: readonly FragmentWrite[]): FragmentWrite[][] {
  const all: FragmentWrite[][] = [];
  let room = 0;
  for (const write of writes) {
    const { body = '' } = write;
    if (room < body.length || all.length === 0 || all.at(-1)?.length === MOST_WRITES) {
      all.push([]);
      room = MOST_CHARACTERS;
    }
    room -= body.length;
    all.at(-1)?.push(write);
  }
  return all;
}
