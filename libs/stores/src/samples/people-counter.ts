import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';

/** How many people and identities a sandbox has, as far as the identity graph knows. */
export interface PeopleCount {
  /** People who are stitched. */
  readonly clusters: number;
  /** As many people as there would be without stitching. */
  readonly identities: number;
}

interface PeopleCountDocument extends PeopleCount {
  /** The tenant's key. */
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
}

export const NOBODY: PeopleCount = { clusters: 0, identities: 0 };

export function sumOfCounts(one: PeopleCount, other: PeopleCount): PeopleCount {
  return { clusters: one.clusters + other.clusters, identities: one.identities + other.identities };
}

/**
 * Keeps how many people each sandbox has, without ever counting them: whoever changes a graph adds what its transactions
 * made of it. Evidence that is delivered again changes no graph and so adds nothing. What a worker that dies between its
 * transaction and its sum leaves out is put right by the next sample, which counts everybody ({@link correct}).
 */
export class PeopleCounter {
  private readonly counts: Collection<PeopleCountDocument>;

  constructor(database: Database) {
    this.counts = database.collection('people_counts');
  }

  /** Adds to the sandbox's numbers; both may be negative. Sums commute, so any number of workers may add at once. */
  async add(tenant: Tenant, { clusters, identities }: PeopleCount): Promise<void> {
    if (clusters === 0 && identities === 0) return;
    const _id = tenantKey(tenant);
    const named = { organisation: tenant.organisation, sandbox: tenant.sandbox };
    const update = { $inc: { clusters, identities }, $setOnInsert: named };
    const operation = { updateOne: { filter: { _id, tenant: _id }, update, upsert: true } };
    // Refused when two are the first at once; the other one's document is there then.
    while ((await unorderedBulk(this.counts, [operation])).length > 0);
  }

  async find(tenant: Tenant): Promise<PeopleCount> {
    const _id = tenantKey(tenant);
    const found = await available(this.counts.findOne({ _id, tenant: _id }));
    return found ? { clusters: found.clusters, identities: found.identities } : NOBODY;
  }

  /** Sandboxes of every tenant with their numbers, in order, after one: for those who look after all of them. */
  async list(
    after: Tenant | undefined,
    limit: number,
  ): Promise<{ readonly tenant: Tenant; readonly count: PeopleCount }[]> {
    const found = this.counts
      .find(after ? { _id: { $gt: tenantKey(after) } } : {})
      .sort({ _id: 1 })
      .limit(limit);
    return (await available(found.toArray())).map(({ organisation, sandbox, clusters, identities }) => ({
      tenant: { organisation, sandbox },
      count: { clusters, identities },
    }));
  }

  /** Replaces what was kept at some moment by what was counted at it; what was added since then stays added. */
  async correct(tenant: Tenant, kept: PeopleCount, counted: PeopleCount): Promise<void> {
    await this.add(tenant, {
      clusters: counted.clusters - kept.clusters,
      identities: counted.identities - kept.identities,
    });
  }
}
