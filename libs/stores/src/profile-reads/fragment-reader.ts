import type { Collection } from 'mongodb';
import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import type { Fragment } from '@tessera/domain';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { FragmentDocument } from '../fragments/fragment-document.js';

/** A fragment as read, its record still text; without a body it was deleted. */
export type StoredFragment = Pick<FragmentDocument, 'datasetId' | 'xid' | 'age' | 'version' | 'schema' | 'body'>;

/** Only what merging needs: every field costs decoding. */
const projection = { _id: 0, datasetId: 1, xid: 1, age: 1, version: 1, schema: 1, body: 1 };

/** Reads fragments. */
export class FragmentReader {
  private readonly fragments: Collection<FragmentDocument>;

  constructor(database: Database) {
    this.fragments = database.collection('fragments');
  }

  /** The fragments of some primary identities, deleted ones included, in one query and in no order. */
  async findMany(tenant: Tenant, xids: readonly string[]): Promise<StoredFragment[]> {
    if (xids.length === 0) return [];
    const xid = xids.length === 1 ? (xids[0] as string) : { $in: xids };
    return available(
      this.fragments.find({ tenant: tenantKey(tenant), xid }, { projection }).toArray() as Promise<StoredFragment[]>,
    );
  }
}

/** The fragments that say something, parsed. Keys named like parts of a prototype stay plain fields, as `JSON.parse` makes them. */
export function parseFragments(stored: readonly StoredFragment[]): Fragment[] {
  const fragments: Fragment[] = [];
  for (const { datasetId, xid, age, version, body } of stored) {
    if (body !== undefined) fragments.push({ datasetId, xid, age, version, body: JSON.parse(body) as JsonObject });
  }
  return fragments;
}
