import type { ClientSession, Collection, Filter, UpdateFilter } from 'mongodb';
import { tenantKey, type JobType, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import { isDuplicateKey, type Database } from '../database.js';
import type { Job, JobEnd, JobFilter, JobOrder, JobProgress, JobReference, JobStatus, NewJob } from './job.js';
import { newJobDocument, toJob, type JobDocument } from './job-document.js';

const referenceProjection = { organisation: 1, sandbox: 1, type: 1, requestId: 1 };

/** What only open jobs have. */
const CLOSED = { open: '', unpublished: '', exclusive: '' } as const;

/** What those who only look at jobs read. */
export interface JobReader {
  /** One job, or null. */
  find(tenant: Tenant, id: string): Promise<Job | null>;
  /** Newest first, unless another order is asked for. */
  list(
    tenant: Tenant,
    filter: JobFilter,
    page: { readonly start: number; readonly limit: number; readonly order?: JobOrder },
  ): Promise<{ readonly children: Job[]; readonly totalCount: number }>;
}

/**
 * Keeps the durable records of jobs. Every change of state is a compare-and-set, and final states stay: two workers that
 * believe to own one job, or a worker and a cancellation, cannot overwrite each other.
 */
export class JobStore implements JobReader {
  private readonly jobs: Collection<JobDocument>;

  constructor(database: Database) {
    this.jobs = database.collection('jobs');
  }

  /**
   * Records a job once: with an id that is known already nothing changes.
   *
   * @returns the job as it is now stored.
   */
  async create(tenant: Tenant, job: NewJob): Promise<Job> {
    return this.upsert(newJobDocument(tenant, job));
  }

  /**
   * Records a job, unless one of its type is not final: a sandbox then has one of them at a time.
   *
   * @returns the job, or the one that is not final.
   */
  async createSole(tenant: Tenant, job: NewJob): Promise<Job> {
    for (;;) {
      try {
        return await this.upsert({ ...newJobDocument(tenant, job), exclusive: job.type });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const open = await this.findSole(tenant, job.type);
      if (open) return open;
    }
  }

  /** The job that is not final of a type of which a sandbox has one at a time. */
  async findSole(tenant: Tenant, type: JobType): Promise<Job | null> {
    const found = await available(this.jobs.findOne({ tenant: tenantKey(tenant), exclusive: type }));
    return found && toJob(found);
  }

  /**
   * Records a job within the transaction that makes what it is about come true.
   *
   * @param exclusive what no other open job of the sandbox may be about; a second one fails the transaction.
   */
  async insert(
    tenant: Tenant,
    job: NewJob,
    { exclusive, session }: { readonly exclusive?: string | undefined; readonly session: ClientSession },
  ): Promise<Job> {
    const document = { ...newJobDocument(tenant, job), ...(exclusive !== undefined && { exclusive }) };
    await this.jobs.insertOne(document, { session });
    return toJob(document);
  }

  /** Id of the open job that is about something exclusively. */
  async holderOf(tenant: Tenant, exclusive: string, session: ClientSession): Promise<string | undefined> {
    const filter = { tenant: tenantKey(tenant), exclusive };
    return (await this.jobs.findOne(filter, { session, projection: { _id: 1 } }))?._id;
  }

  async find(tenant: Tenant, id: string, session?: ClientSession): Promise<Job | null> {
    const found = this.jobs.findOne({ _id: id, tenant: tenantKey(tenant) }, session ? { session } : {});
    const document = await available(found);
    return document && toJob(document);
  }

  /** Forgets a job; a worker that does it stops within moments. @returns the job as it was. */
  async remove(tenant: Tenant, id: string, types: readonly JobType[]): Promise<Job | null> {
    const filter = { _id: id, tenant: tenantKey(tenant), type: { $in: [...types] } };
    const removed = await available(this.jobs.findOneAndDelete(filter));
    return removed && toJob(removed);
  }

  async list(
    tenant: Tenant,
    { types, statuses }: JobFilter,
    { start, limit, order }: { readonly start: number; readonly limit: number; readonly order?: JobOrder },
  ): Promise<{ children: Job[]; totalCount: number }> {
    const filter: Filter<JobDocument> = {
      tenant: tenantKey(tenant),
      ...(types && { type: { $in: [...types] } }),
      ...(statuses && { status: { $in: [...statuses] } }),
    };
    const [children, totalCount] = await available(
      Promise.all([
        this.jobs.find(filter).sort(sortOf(order)).skip(start).limit(limit).toArray(),
        this.jobs.countDocuments(filter),
      ]),
    );
    return { children: children.map(toJob), totalCount };
  }

  /** Marks a job as being worked on; a worker that takes over an interrupted one does so too. @returns null when it is final or unknown. */
  async start(tenant: Tenant, id: string): Promise<Job | null> {
    return this.changeOpen(tenant, id, { $set: { status: 'IN-PROGRESS', updatedAt: Date.now() } });
  }

  /** Notes how far a job is. @returns its status, by which a worker sees a cancellation; null for an unknown job. */
  async progress(tenant: Tenant, id: string, { progress, metrics }: JobProgress): Promise<JobStatus | null> {
    const changed = await this.changeOpen(tenant, id, {
      $max: { progress: Math.floor(progress) },
      $set: { updatedAt: Date.now(), ...ofMetrics(metrics) },
    });
    return changed?.status ?? this.status(tenant, id);
  }

  /**
   * Adds to what a job has done, by name. Two workers that both believe to own it add up, where either alone would be wrong.
   *
   * @returns the job with what all have counted; null when it is final or unknown, then nothing is counted.
   */
  async count(
    tenant: Tenant,
    id: string,
    counts: Readonly<Record<string, number>>,
    session?: ClientSession,
  ): Promise<Job | null> {
    return this.changeOpen(tenant, id, { $inc: ofMetrics(counts), $set: { updatedAt: Date.now() } }, session);
  }

  /** The status alone. */
  async status(tenant: Tenant, id: string): Promise<JobStatus | null> {
    const found = this.jobs.findOne({ _id: id, tenant: tenantKey(tenant) }, { projection: { status: 1 } });
    return (await available(found))?.status ?? null;
  }

  /** Ends a job. @returns whether it was still open. */
  async finish(tenant: Tenant, id: string, { status, metrics, properties, error }: JobEnd): Promise<boolean> {
    const set = {
      status,
      updatedAt: Date.now(),
      ...(status === 'SUCCESS' && { progress: 100 }),
      ...(metrics && { metrics: { ...metrics } }),
      ...(properties && { properties: JSON.stringify(properties) }),
      ...(error !== undefined && { error }),
    };
    return (await this.changeOpen(tenant, id, { $set: set, $unset: CLOSED })) !== null;
  }

  /** Calls a job off; its worker notices within moments. @returns whether it was still open. */
  async cancel(tenant: Tenant, id: string): Promise<boolean> {
    const set = { status: 'CANCELLED' as const, updatedAt: Date.now() };
    return (await this.changeOpen(tenant, id, { $set: set, $unset: CLOSED })) !== null;
  }

  /** Notes that a job's command is on the broker. */
  async published(tenant: Tenant, id: string): Promise<void> {
    await available(this.jobs.updateOne({ _id: id, tenant: tenantKey(tenant) }, { $unset: { unpublished: '' } }));
  }

  /** Jobs of every tenant that are not final, by id, after one; for those who bring them back to a queue that lost them. */
  async unfinished(types: readonly JobType[], after: string, limit: number): Promise<JobReference[]> {
    return this.references({ open: true, type: { $in: [...types] }, _id: { $gt: after } }, limit);
  }

  /** Jobs of every tenant that were created before a time (epoch ms) and whose command may never have reached the broker. */
  async unpublished(types: readonly JobType[], before: number, limit: number): Promise<JobReference[]> {
    return this.references({ unpublished: true, type: { $in: [...types] }, createdAt: { $lt: before } }, limit);
  }

  private async references(filter: Filter<JobDocument>, limit: number): Promise<JobReference[]> {
    const found = await available(
      this.jobs
        .find(filter, { projection: referenceProjection })
        .sort(filter.open ? { open: 1, _id: 1 } : { unpublished: 1, createdAt: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(({ _id, organisation, sandbox, type, requestId }) => ({
      id: _id,
      tenant: { organisation, sandbox },
      type,
      requestId,
    }));
  }

  private async upsert({ _id, tenant, ...first }: JobDocument): Promise<Job> {
    const stored = await available(
      this.jobs.findOneAndUpdate({ _id, tenant }, { $setOnInsert: first }, { upsert: true, returnDocument: 'after' }),
    );
    if (!stored) throw new Error('an upserted job was not returned');
    return toJob(stored);
  }

  private async changeOpen(
    tenant: Tenant,
    id: string,
    update: UpdateFilter<JobDocument>,
    session?: ClientSession,
  ): Promise<Job | null> {
    const changed = await available(
      this.jobs.findOneAndUpdate({ _id: id, tenant: tenantKey(tenant), open: true }, update, {
        returnDocument: 'after',
        ...(session && { session }),
      }),
    );
    return changed && toJob(changed);
  }
}

/** Each by itself, so that who writes one leaves the others alone. */
function ofMetrics(counts: Readonly<Record<string, number>> = {}): Record<`metrics.${string}`, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`metrics.${name}`, count]));
}

/** Of those equal in the order the older come first, or last where it descends. */
function sortOf({ field, descending }: JobOrder = { field: 'createdAt', descending: true }): [string, 1 | -1][] {
  const direction = descending ? -1 : 1;
  const fields = field === 'createdAt' ? [field, '_id'] : [field, 'createdAt', '_id'];
  return fields.map((name) => [name, direction]);
}
