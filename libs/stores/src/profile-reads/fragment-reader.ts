import type { Collection } from 'mongodb';
import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import { fieldVersionsByPointer, type Fragment } from '@tessera/domain';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { fragmentId, type FragmentDocument } from '../fragments/fragment-document.js';
import { inSlices } from '../slices.js';

/** A fragment as read, its record still text; without a body it was deleted. */
export type StoredFragment = Pick<
  FragmentDocument,
  'datasetId' | 'xid' | 'age' | 'version' | 'schema' | 'body' | 'fieldVersions'
>;

/** Identities of one query: 4 MB of text, a quarter of what one command may be. */
const SLICE = 100_000;

/** Only what merging needs: every field costs decoding. */
export const fragmentProjection = {
  _id: 0,
  datasetId: 1,
  xid: 1,
  age: 1,
  version: 1,
  schema: 1,
  body: 1,
  fieldVersions: 1,
};

/** Reads fragments. */
export class FragmentReader {
  private readonly fragments: Collection<FragmentDocument>;

  constructor(database: Database) {
    this.fragments = database.collection('fragments');
  }

  /** The fragments of some primary identities, deleted ones included, in no order; one query up to {@link SLICE}. */
  async findMany(tenant: Tenant, xids: readonly string[]): Promise<StoredFragment[]> {
    const found = await inSlices(
      xids,
      (some) => {
        const xid = some.length === 1 ? (some[0] as string) : { $in: some };
        const found = this.fragments.find({ tenant: tenantKey(tenant), xid }, { projection: fragmentProjection });
        return available(found.toArray() as Promise<StoredFragment[]>);
      },
      SLICE,
    );
    return found.length > 1 ? newestOfEach(found) : found;
  }
}

/** Each fragment once: one that is replaced while it is read may be found as it was and as it is. */
export function newestOfEach(found: readonly StoredFragment[]): StoredFragment[] {
  const newest = new Map<string, StoredFragment>();
  for (const fragment of found) {
    const id = fragmentId(fragment.datasetId, fragment.xid);
    const known = newest.get(id);
    if (known === undefined || known.version < fragment.version) newest.set(id, fragment);
  }
  return [...newest.values()];
}

/** The fragments that say something, parsed. Keys named like parts of a prototype stay plain fields, as `JSON.parse` makes them. */
export function parseFragments(stored: readonly StoredFragment[]): Fragment[] {
  const fragments: Fragment[] = [];
  for (const { datasetId, xid, age, version, body, fieldVersions } of stored) {
    if (body === undefined) continue;
    const fragment = { datasetId, xid, age, version, body: JSON.parse(body) as JsonObject };
    const versions = fieldVersions === undefined ? undefined : fieldVersionsByPointer(fieldVersions);
    fragments.push(
      versions === undefined || saysNothing(versions, version) ? fragment : { ...fragment, fieldVersions: versions },
    );
  }
  return fragments;
}

/** Whether every field is as old as its fragment: by far the most fragments, even of those made by partial records. */
function saysNothing(fieldVersions: ReadonlyMap<string, string>, version: string): boolean {
  return fieldVersions.size === 1 && fieldVersions.get('') === version;
}
