import type { Collection, Filter } from 'mongodb';
import { tenantKey, type DeadLetterReason, type Fault, type Replay, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { DeadLetterDocument, StoredDeadLetter } from './dead-letter-document.js';
import { deadLetterQuery, DONE, type DeadLetterFilter } from './dead-letter-query.js';

/** After this long without an outcome another replay may begin; the earlier one then has no effect any more. */
const OVERDUE_AFTER = 600_000;
/** A dead letter that is replayed is kept at least this long, which is longer than any backlog. */
const KEPT_FOR_REPLAY = 7 * 86_400_000;
/** Bytes of records of one step of a replay of many. */
const MOST_BYTES = 8_388_608;

/** A replay that the record failed again. */
export interface RejectedReplay extends Replay {
  readonly datasetId: string;
  readonly reason: DeadLetterReason;
  readonly faults: readonly Fault[];
  /** What was tried. */
  readonly record: Buffer;
  readonly lastAttempt: Date;
  readonly expireAt: Date;
}

/** Which dead letters a replay of many takes next. */
export interface ReplayStep {
  readonly filter: DeadLetterFilter;
  readonly token: string;
  /** Only those last tried before this instant, so that none is tried twice. */
  readonly triedBefore: Date;
  readonly limit: number;
}

/**
 * Keeps which dead letters are being replayed. A dead letter has one replay at a time, known by its token; messages of
 * other replays (overtaken, or delivered again when all is done) are told by it and have no effect.
 */
export class DeadLetterReplays {
  private readonly deadLetters: Collection<StoredDeadLetter>;

  constructor(database: Database) {
    this.deadLetters = database.collection('dead_letters');
  }

  /** Begins a replay. @returns the dead letter as it now is, or why there is nothing to replay. */
  async begin(tenant: Tenant, id: string, token: string): Promise<DeadLetterDocument | 'unknown' | 'under-way'> {
    const now = Date.now();
    const begun = await available(
      this.deadLetters.findOneAndUpdate({ ...free(tenant, now), _id: id }, marked(token, now), {
        returnDocument: 'after',
        promoteBuffers: true,
      }),
    );
    if (begun) return begun;
    const known = await available(this.deadLetters.findOne({ ...deadLetterQuery(tenant), _id: id }));
    return known ? 'under-way' : 'unknown';
  }

  /** Takes a replay back whose message could not be published; should it be on the topic after all, it has no effect. */
  async takeBack(tenant: Tenant, { deadLetterId, token }: Replay): Promise<void> {
    const filter = { tenant: tenantKey(tenant), _id: deadLetterId, 'replay.token': token };
    await available(this.deadLetters.updateOne(filter, { $unset: { replay: '' } }));
  }

  /**
   * Begins the replay of some dead letters with one token, and gives those whose replay with it has no outcome yet. A step
   * that is interrupted may be repeated: what it began comes again.
   *
   * @returns none only where none is left that no other replay has.
   */
  async beginMany(tenant: Tenant, { filter, token, triedBefore, limit }: ReplayStep): Promise<DeadLetterDocument[]> {
    for (;;) {
      const now = Date.now();
      const wanted = { ...free(tenant, now, filter), lastAttempt: { $lt: triedBefore } };
      const candidates = await this.candidates(wanted, limit);
      if (candidates.length === 0) return [];
      const ids = candidates.map(({ _id }) => _id);
      await available(this.deadLetters.updateMany({ ...wanted, _id: { $in: ids } }, marked(token, now)));
      const begun = await this.underWay(tenant, token, ids);
      // Another replay may have taken all of them meanwhile; behind them there may be more.
      if (begun.size > 0) return candidates.filter(({ _id }) => begun.has(_id));
    }
  }

  /** Those of a replay of many that have no outcome yet, to be published again after an interruption. */
  async unfinished(tenant: Tenant, token: string, limit: number): Promise<DeadLetterDocument[]> {
    const found = this.deadLetters.find(
      { ...deadLetterQuery(tenant), 'replay.token': token },
      { promoteBuffers: true },
    );
    return available(found.limit(limit).toArray());
  }

  /** How many of a replay of many have no outcome yet. */
  async countUnfinished(tenant: Tenant, token: string): Promise<number> {
    return available(this.deadLetters.countDocuments({ ...deadLetterQuery(tenant), 'replay.token': token }));
  }

  /** What became of a replay of many: of those that were not tried, deleted or forgotten since. */
  async outcomes(tenant: Tenant, token: string): Promise<{ readonly applied: number; readonly rejectedAgain: number }> {
    const [applied, rejectedAgain] = await available(
      Promise.all([
        this.deadLetters.countDocuments({ tenant: tenantKey(tenant), lastReplay: token, done: true }),
        this.deadLetters.countDocuments({ ...deadLetterQuery(tenant), lastReplay: token }),
      ]),
    );
    return { applied, rejectedAgain };
  }

  /** How many dead letters there are to replay. */
  async count(tenant: Tenant, filter: DeadLetterFilter, triedBefore: Date): Promise<number> {
    const wanted = { ...deadLetterQuery(tenant, filter), lastAttempt: { $lt: triedBefore } };
    return available(this.deadLetters.countDocuments(wanted));
  }

  /** Those of the replays, keyed by whatever names them, that are still their dead letter's latest. */
  async current<Key>(replays: ReadonlyMap<Key, Replay & { readonly tenant: string }>): Promise<Set<Key>> {
    if (replays.size === 0) return new Set();
    const ids = [...new Set([...replays.values()].map(({ deadLetterId }) => deadLetterId))];
    const found = await available(
      this.deadLetters.find({ _id: { $in: ids } }, { projection: { tenant: 1, 'replay.token': 1 } }).toArray(),
    );
    const byId = new Map(found.map((deadLetter) => [deadLetter._id, deadLetter]));
    const isCurrent = ({ deadLetterId, token, tenant }: Replay & { readonly tenant: string }) => {
      const known = byId.get(deadLetterId);
      return known?.tenant === tenant && known.replay?.token === token;
    };
    return new Set([...replays].filter(([, replay]) => isCurrent(replay)).map(([key]) => key));
  }

  /** Ends replays: what was applied is no dead letter any more, what was rejected is the same dead letter as before. */
  async end(applied: readonly Replay[], rejected: readonly RejectedReplay[]): Promise<void> {
    await unorderedBulk(this.deadLetters, [
      ...applied.map(({ deadLetterId, token }) => ({
        updateOne: {
          filter: { _id: deadLetterId, 'replay.token': token },
          update: { ...DONE, $set: { ...DONE.$set, lastReplay: token } },
        },
      })),
      ...rejected.map(({ deadLetterId, token, record, ...attempt }) => ({
        updateOne: {
          filter: { _id: deadLetterId, 'replay.token': token },
          update: [
            {
              $set: {
                ...literals(attempt),
                lastReplay: { $literal: token },
                attempts: { $add: ['$attempts', 1] },
                correction: { $cond: [{ $eq: ['$record', record] }, '$$REMOVE', record] },
              },
            },
            { $unset: 'replay' },
          ],
        },
      })),
    ]);
  }

  /** The next ones to replay, the latest first, as many as one step may hold. */
  private async candidates(wanted: Filter<StoredDeadLetter>, limit: number): Promise<DeadLetterDocument[]> {
    const found = this.deadLetters.find(wanted, { promoteBuffers: true }).sort({ acceptedAt: -1, _id: 1 }).limit(limit);
    const taken: DeadLetterDocument[] = [];
    let bytes = 0;
    const collect = async () => {
      for await (const candidate of found) {
        taken.push(candidate);
        bytes += candidate.record.length;
        if (bytes >= MOST_BYTES) break;
      }
    };
    await available(collect());
    return taken;
  }

  private async underWay(tenant: Tenant, token: string, ids: readonly string[]): Promise<Set<string>> {
    const filter = { ...deadLetterQuery(tenant), 'replay.token': token, _id: { $in: [...ids] } };
    const found = await available(this.deadLetters.find(filter, { projection: { _id: 1 } }).toArray());
    return new Set(found.map(({ _id }) => _id));
  }
}

/** Those no replay of which is under way, or none that still has a chance. */
function free(tenant: Tenant, now: number, filter: DeadLetterFilter = {}) {
  const overdue = { 'replay.since': { $lt: new Date(now - OVERDUE_AFTER) } };
  return { ...deadLetterQuery(tenant, filter), $or: [{ replay: { $exists: false } }, overdue] };
}

function marked(token: string, now: number) {
  return {
    $set: { replay: { token, since: new Date(now) } },
    $max: { expireAt: new Date(now + KEPT_FOR_REPLAY) },
  };
}

/** Values of a customer's, which in a pipeline would otherwise be read as expressions. */
function literals(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value as unknown }]));
}
