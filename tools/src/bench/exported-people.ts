import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { MongoClient } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import type { FragmentDocument } from '@tessera/stores';

const AT_ONCE = 2_000;

/** A record of about a kilobyte. */
function bodyOf(index: number): string {
  return JSON.stringify({
    identityMap: { email: [{ id: `export${index}@example.com`, primary: true }] },
    person: { name: { firstName: `First ${index}`, lastName: `Last ${index % 1_000}` }, birthDate: '1990-05-05' },
    homeAddress: { city: `City ${index % 500}`, street1: `${index} Some Street`, countryCode: 'DE' },
    loyalty: { points: index, tier: index % 3 === 0 ? 'gold' : 'silver', notes: 'n'.repeat(600) },
  });
}

/** Puts people straight into the stores, from one number to another: what is measured is reading them. */
export async function insertPeople(
  uri: string,
  database: string,
  tenant: Tenant,
  from: number,
  to: number,
): Promise<void> {
  const client = new MongoClient(uri);
  try {
    const db = client.db(database);
    const key = tenantKey(tenant);
    for (let first = from; first < to; first += AT_ONCE) {
      const people = Array.from({ length: Math.min(AT_ONCE, to - first) }, (_, index) => first + index);
      const named = people.map((index) => {
        const id = `export${index}@example.com`;
        return { index, xid: xidOf(tenant, 'email', id), namespace: 'email', id };
      });
      await Promise.all([
        db.collection<{ _id: string }>('identities').insertMany(
          named.map(({ xid, namespace, id }) => ({
            ...{ _id: xid, tenant: key, namespace, id, clusterId: xid, componentId: xid, contested: false },
            members: [{ xid, namespace, id }],
          })),
          { ordered: false },
        ),
        db.collection<{ _id: string }>('fragments').insertMany(
          named.map(({ index, xid }) => ({
            ...{ _id: `export.${xid}`, tenant: key, datasetId: 'export', xid, age: 1, acceptedAt: 1, version: '1' },
            body: bodyOf(index),
          })),
          { ordered: false },
        ),
      ]);
    }
  } finally {
    await client.close();
  }
}

/** The bare minimum: the driver scans the records of a tenant, and each goes to a file as a line. @returns milliseconds. */
export async function scanToLines(uri: string, database: string, tenant: Tenant, file: string): Promise<number> {
  const client = new MongoClient(uri);
  const started = performance.now();
  try {
    const out = createWriteStream(file);
    const found = client
      .db(database)
      .collection<FragmentDocument>('fragments')
      .find({ tenant: tenantKey(tenant) });
    for await (const document of found) {
      if (!out.write(`${JSON.stringify(document)}\n`)) await once(out, 'drain');
    }
    out.end();
    await once(out, 'finish');
    return performance.now() - started;
  } finally {
    await client.close();
  }
}
