import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID, inRounds } from '../bulk.js';
import type { Database, UpdateWrite } from '../database.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';
import { newSessions, type SessionLender } from '../identity-graph/transaction-runner.js';
import { FragmentMerger, type FragmentGroup } from './fragment-merger.js';
import { bundles, FragmentTransactions, STORED_VERSION, type StoredVersion } from './fragment-transactions.js';
import { fragmentDocument, isPartial, type FragmentEffect, type FragmentWrite } from './fragment-write.js';

/** Writes from which on a transaction, which takes some more round trips, costs less than their conditions. */
const WORTH_A_TRANSACTION = 32;

/**
 * Stores records. Writes may be repeated and may come in any order or from several workers at once: a fragment ends up as
 * if its records had come once each, the oldest first.
 *
 * Records that replace or delete need not know what is stored, because a newer one leaves nothing of it: few are written under
 * a condition, many in a transaction. Partial records, and
 * older ones that meet a fragment made by such, are merged with what is stored.
 */
export class FragmentWriter {
  private readonly fragments: Collection<FragmentDocument>;
  private readonly merger: FragmentMerger;
  private readonly transactions: FragmentTransactions;

  /** @param sessions to run transactions in; a worker's are ended by others once it is dead (`TransactionSessions`). */
  constructor(
    private readonly database: Database,
    sessions: SessionLender = newSessions(database.client),
  ) {
    this.fragments = database.collection('fragments');
    this.transactions = new FragmentTransactions(database, sessions);
    this.merger = new FragmentMerger(this.fragments);
  }

  /**
   * Applies records, with a number of bulk writes that does not depend on how many they are.
   *
   * @returns for each write whether anything of its record is in the fragment, or it has been overtaken altogether.
   */
  async apply(tenant: Tenant, writes: readonly FragmentWrite[]): Promise<FragmentEffect[]> {
    const effects = new Map<FragmentWrite, FragmentEffect>();
    const whole: FragmentWrite[] = [];
    const groups: FragmentGroup[] = [];
    for (const group of Map.groupBy(writes, ({ datasetId, xid }) => fragmentId(datasetId, xid)).values()) {
      const [first, ...more] = group as [FragmentWrite, ...FragmentWrite[]];
      if (more.length === 0 && !isPartial(first)) whole.push(first);
      else groups.push([first, ...more]);
    }
    await Promise.all([this.replace(tenant, whole, effects), this.merger.apply(tenant, groups, effects)]);
    return writes.map((write) => effects.get(write) ?? 'stored');
  }

  /** Writes one record per fragment. */
  private async replace(
    tenant: Tenant,
    writes: readonly FragmentWrite[],
    effects: Map<FragmentWrite, FragmentEffect>,
  ): Promise<void> {
    const late: FragmentGroup[] = [];
    for (const bundle of bundles(writes)) {
      const replaced =
        bundle.length < WORTH_A_TRANSACTION ? undefined : await this.transactions.replace(tenant, bundle);
      if (replaced === undefined) await this.replaceOlder(tenant, bundle, effects, late);
      else {
        for (const [write, effect] of replaced.effects) effects.set(write, effect);
        for (const write of replaced.late) late.push([write]);
      }
    }
    await this.merger.apply(tenant, late, effects);
  }

  /** Writes under the condition that what is stored is older, without a read; only refused writes are looked at again. */
  private async replaceOlder(
    tenant: Tenant,
    writes: readonly FragmentWrite[],
    effects: Map<FragmentWrite, FragmentEffect>,
    late: FragmentGroup[],
  ): Promise<void> {
    await inRounds(writes, async (pending) => {
      const updates = pending.map((write) => replaceOlder(fragmentDocument(tenant, write, write)));
      const { taken: refused } = await available(this.database.write('fragments', { updates }));
      return this.toTryAgain(
        tenant,
        refused.map((index) => pending[index] as FragmentWrite),
        late,
        effects,
      );
    });
  }

  /**
   * A write is refused when its fragment exists and is not older: because it holds this very version (a repeat) or a newer
   * one, under which there may be fields older than the write. It is also refused when two workers create the fragment at
   * once; then it is to be tried again.
   */
  private async toTryAgain(
    tenant: Tenant,
    refused: readonly FragmentWrite[],
    late: FragmentGroup[],
    effects: Map<FragmentWrite, FragmentEffect>,
  ): Promise<FragmentWrite[]> {
    if (refused.length === 0) return [];
    const ids = refused.map(({ datasetId, xid }) => fragmentId(datasetId, xid));
    const stored = await available(
      this.fragments
        .find<StoredVersion>(
          { tenant: tenantKey(tenant), _id: { $in: ids } },
          { projection: STORED_VERSION, hint: BY_ID },
        )
        .toArray(),
    );
    const byId = new Map(stored.map((fragment) => [fragment._id, fragment]));
    return refused.filter((write) => {
      const current = byId.get(fragmentId(write.datasetId, write.xid));
      if (current === undefined || current.version < write.version) return true;
      if (current.version > write.version) {
        if (current.merged) late.push([write]);
        else effects.set(write, 'superseded');
      }
      return false;
    });
  }
}

function replaceOlder(replacement: FragmentDocument): UpdateWrite {
  const { _id, tenant, xid, version } = replacement;
  const q = { _id, tenant, xid, version: { $lt: version } };
  return { q, u: replacement, upsert: true, hint: BY_ID };
}
