import type { Collection } from 'mongodb';
import { tenantKey, type Effect, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { fragmentId, type FragmentDocument } from './fragment-document.js';

/** A record to be stored, or with `body` absent to be deleted. */
export type FragmentWrite = Omit<FragmentDocument, '_id' | 'tenant' | 'deleted'>;

/**
 * Stores records. Each fragment is a register that only takes newer versions, so writes may be repeated and may come in
 * any order or from several workers at once: the newest stays.
 */
export class FragmentWriter {
  private readonly fragments: Collection<FragmentDocument>;

  constructor(database: Database) {
    this.fragments = database.collection('fragments');
  }

  /**
   * Writes at most one record per fragment, in one bulk write without a read; only refused writes are looked at again.
   *
   * @returns for each write whether its record is what the fragment now says, or something newer is.
   */
  async apply(tenant: Tenant, writes: readonly FragmentWrite[]): Promise<Exclude<Effect, 'not-enabled'>[]> {
    const documents = writes.map((write) => toDocument(tenant, write));
    const superseded = new Set<string>();
    let pending = documents;
    while (pending.length > 0) {
      const refused = await unorderedBulk(this.fragments, pending.map(replaceOlder));
      const retry = refused.map((index) => pending[index] as FragmentDocument);
      pending = await this.withoutNewer(tenant, retry, superseded);
    }
    return documents.map(({ _id }) => (superseded.has(_id) ? 'superseded' : 'stored'));
  }

  /**
   * A write is refused when its fragment exists and is not older: because it holds this very version (a repeat) or a newer
   * one. It is also refused when two workers create the fragment at once; then it is to be tried again.
   */
  private async withoutNewer(
    tenant: Tenant,
    refused: FragmentDocument[],
    superseded: Set<string>,
  ): Promise<FragmentDocument[]> {
    if (refused.length === 0) return [];
    const stored = await available(
      this.fragments
        .find(
          { tenant: tenantKey(tenant), _id: { $in: refused.map(({ _id }) => _id) } },
          { projection: { version: 1 } },
        )
        .toArray(),
    );
    const versions = new Map(stored.map(({ _id, version }) => [_id, version]));
    return refused.filter(({ _id, version }) => {
      const current = versions.get(_id);
      if (current === undefined || current < version) return true;
      if (current > version) superseded.add(_id);
      return false;
    });
  }
}

function replaceOlder(replacement: FragmentDocument) {
  const { _id, tenant, xid, version } = replacement;
  return { replaceOne: { filter: { _id, tenant, xid, version: { $lt: version } }, replacement, upsert: true } };
}

function toDocument(tenant: Tenant, write: FragmentWrite): FragmentDocument {
  const _id = fragmentId(write.datasetId, write.xid);
  const deleted = write.body === undefined && { deleted: true as const };
  return { _id, tenant: tenantKey(tenant), ...write, ...deleted };
}
