import { setTimeout as delay } from 'node:timers/promises';
import type { ClientSession, Collection, Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID } from '../bulk.js';
import type { Database } from '../database.js';
import { inTransaction, isConflict, type SessionLender } from '../identity-graph/transaction-runner.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';
import { fragmentDocument, type FragmentEffect, type FragmentWrite } from './fragment-write.js';

/** Of one transaction, about: the server holds it in its memory until it ends, and takes commands of 16 MB. */
const MOST_CHARACTERS = 4_000_000;
const MOST_WRITES = 2_000;

/** Two neighbouring parts of a file often have one person in common: the second attempt comes after the other part. */
const ATTEMPTS = 2;
/** Milliseconds before a further attempt, at most: about as long as a transaction takes. */
const LONGEST_PAUSE = 60;

/** What a transaction made of each record; those in `late` are older than the fragment, and may yet have a part in it. */
export interface ReplacedFragments {
  readonly effects: ReadonlyMap<FragmentWrite, FragmentEffect>;
  readonly late: readonly FragmentWrite[];
}

/**
 * Writes many whole records at once: reads which versions are stored, and inserts and replaces by id alone what is newer, in
 * one transaction. Somebody else's write to one of the fragments in between is a conflict, so that what was read still holds
 * for what is written. This costs the server a third of a write whose condition it checks one by one.
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
        { projection: STORED_VERSION, hint: BY_ID, session },
      )
      .toArray();
    const byId = new Map(stored.map((fragment) => [fragment._id, fragment]));
    const effects = new Map<FragmentWrite, FragmentEffect>();
    const late: FragmentWrite[] = [];
    const documents: FragmentDocument[] = [];
    const updates: { q: { _id: string }; u: FragmentDocument }[] = [];
    for (const [index, write] of writes.entries()) {
      const current = byId.get(ids[index] as string);
      if (current !== undefined && current.version > write.version) {
        if (current.merged) late.push(write);
        else effects.set(write, 'superseded');
        continue;
      }
      effects.set(write, 'stored');
      if (current === undefined) documents.push(fragmentDocument(tenant, write, write));
      else if (current.version < write.version) {
        // By nothing but the id, which the server finds without planning a query. The fragment was read as this tenant's in
        // the same transaction, and where fragments are sharded the replacement tells the shard.
        const replacement = fragmentDocument(tenant, write, write);
        updates.push({ q: { _id: replacement._id }, u: replacement });
      }
    }
    await this.run({ insert: 'fragments', documents }, documents.length, session);
    await this.run({ update: 'fragments', updates }, updates.length, session);
    return { effects, late };
  }

  /** As a command: bulk writes of the driver measure every document before it is written, to no use here. */
  private async run(command: Document, count: number, session: ClientSession): Promise<void> {
    if (count === 0) return;
    const { n, writeErrors } = await this.database.command(command, { session });
    if (n !== count || writeErrors !== undefined) throw new OthersWroteError();
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
