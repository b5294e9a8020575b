import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, BY_ID, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';
import { FragmentMerger, type FragmentGroup } from './fragment-merger.js';
import { fragmentDocument, isPartial, type FragmentEffect, type FragmentWrite } from './fragment-write.js';

/**
 * Stores records. Writes may be repeated and may come in any order or from several workers at once: a fragment ends up as
 * if its records had come once each, the oldest first.
 *
 * Records that replace or delete need no read, because a newer one leaves nothing of what is stored. Partial records, and
 * older ones that meet a fragment made by such, are merged with what is stored.
 */
export class FragmentWriter {
  private readonly fragments: Collection<FragmentDocument>;
  private readonly merger: FragmentMerger;

  constructor(database: Database) {
    this.fragments = database.collection('fragments');
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

  /** Writes one record per fragment without a read; only refused ones are looked at again. */
  private async replace(
    tenant: Tenant,
    writes: readonly FragmentWrite[],
    effects: Map<FragmentWrite, FragmentEffect>,
  ): Promise<void> {
    const late: FragmentGroup[] = [];
    let pending = writes;
    while (pending.length > 0) {
      const operations = pending.map((write) => replaceOlder(fragmentDocument(tenant, write, write)));
      const refused = await unorderedBulk(this.fragments, operations);
      pending = await this.toTryAgain(
        tenant,
        refused.map((index) => pending[index] as FragmentWrite),
        late,
        effects,
      );
    }
    await this.merger.apply(tenant, late, effects);
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
        .find<Pick<FragmentDocument, '_id' | 'version'> & { merged: boolean }>(
          { tenant: tenantKey(tenant), _id: { $in: ids } },
          { projection: { version: 1, merged: { $ne: [{ $type: '$fieldVersions' }, 'missing'] } }, hint: BY_ID },
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

function replaceOlder(replacement: FragmentDocument) {
  const { _id, tenant, xid, version } = replacement;
  const filter = { _id, tenant, xid, version: { $lt: version } };
  return { replaceOne: { filter, replacement, upsert: true, hint: BY_ID } };
}
