import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';
import type { SamplePart, SampleWork } from './sample-work.js';

interface SampleWorkDocument extends SampleWork {
  /** The job's id. */
  readonly _id: string;
  readonly tenant: string;
  readonly expireAt: Date;
}

interface SamplePartDocument extends SamplePart {
  /** Job, generation and index. */
  readonly _id: string;
  readonly tenant: string;
  readonly jobId: string;
  readonly generation: number;
  readonly expireAt: Date;
}

/** Milliseconds after which what an abandoned sample left behind goes by itself. */
const ABANDONED_AFTER = 7 * 86_400_000;

export const sampleWorkIndexes: readonly IndexDefinition[] = [
  { collection: 'sample_parts', key: { tenant: 1, jobId: 1, generation: 1, index: 1 } },
  { collection: 'sample_parts', key: { expireAt: 1 }, options: { expireAfterSeconds: 0 } },
  { collection: 'sample_works', key: { expireAt: 1 }, options: { expireAfterSeconds: 0 } },
];

/** How far samples are: what each is to find, and what the ranges that are done add up to. */
export class SampleWorkStore {
  private readonly works: Collection<SampleWorkDocument>;
  private readonly parts: Collection<SamplePartDocument>;

  constructor(database: Database) {
    this.works = database.collection('sample_works');
    this.parts = database.collection('sample_parts');
  }

  async find(tenant: Tenant, jobId: string): Promise<SampleWork | undefined> {
    const found = await available(this.works.findOne({ _id: jobId, tenant: tenantKey(tenant) }));
    return found ? workOf(found) : undefined;
  }

  /** Settles what a sample is to find, unless that is settled already. @returns what is settled. */
  async begin(tenant: Tenant, jobId: string, work: SampleWork): Promise<SampleWork> {
    const first = { ...work, expireAt: new Date(work.at + ABANDONED_AFTER) };
    const filter = { _id: jobId, tenant: tenantKey(tenant) };
    await unorderedBulk(this.works, [{ updateOne: { filter, update: { $setOnInsert: first }, upsert: true } }]);
    return (await this.find(tenant, jobId)) ?? work;
  }

  /** Begins a sample anew, unless somebody just did. */
  async renew(
    tenant: Tenant,
    jobId: string,
    generation: number,
    change: Pick<SampleWork, 'at' | 'kept' | 'fences'> & Partial<Pick<SampleWork, 'snapshot'>>,
  ): Promise<void> {
    await available(
      this.works.updateOne(
        { _id: jobId, tenant: tenantKey(tenant), generation },
        {
          $set: { ...change, generation: generation + 1 },
          ...(change.snapshot === undefined && { $unset: { snapshot: '' } }),
        },
      ),
    );
  }

  /** Keeps what a range adds up to; the first to say so is believed. */
  async finish(tenant: Tenant, jobId: string, generation: number, part: SamplePart): Promise<void> {
    const filter = { _id: `${jobId}/${generation}/${part.index}`, tenant: tenantKey(tenant) };
    const document = { jobId, generation, ...part, expireAt: new Date(Date.now() + ABANDONED_AFTER) };
    await unorderedBulk(this.parts, [{ updateOne: { filter, update: { $setOnInsert: document }, upsert: true } }]);
  }

  /** Indexes of the ranges that are done. */
  async finished(tenant: Tenant, jobId: string, generation: number): Promise<ReadonlySet<number>> {
    const found = this.parts.find(
      { tenant: tenantKey(tenant), jobId, generation },
      { projection: { _id: 0, index: 1 }, sort: { index: 1 } },
    );
    return new Set((await available(found.toArray())).map(({ index }) => index));
  }

  /** What each range adds up to, one after the other. @throws UnavailableError */
  async *results(tenant: Tenant, jobId: string, generation: number): AsyncGenerator<SamplePart> {
    const cursor = this.parts.find({ tenant: tenantKey(tenant), jobId, generation }, { sort: { index: 1 } });
    try {
      for (;;) {
        const part = await available(cursor.next());
        if (part === null) return;
        yield { index: part.index, tally: part.tally };
      }
    } finally {
      await cursor.close();
    }
  }

  /** Forgets a sample that is done with. */
  async forget(tenant: Tenant, jobId: string): Promise<void> {
    await available(this.parts.deleteMany({ tenant: tenantKey(tenant), jobId }));
    await available(this.works.deleteOne({ _id: jobId, tenant: tenantKey(tenant) }));
  }
}

function workOf({ _id, tenant: _tenant, expireAt: _expireAt, ...work }: SampleWorkDocument): SampleWork {
  return work;
}
