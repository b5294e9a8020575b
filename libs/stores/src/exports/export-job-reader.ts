import type { Collection, Document, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { Job, JobStatus } from '../jobs/job.js';
import { toJob, type JobDocument } from '../jobs/job-document.js';
import {
  earlierSnapshot,
  SnapshotExpiredError,
  Snapshots,
  type Snapshot,
  type SnapshotRead,
} from '../people-scan/snapshots.js';

/** A job that exports, and whether its command is on the broker as far as is known. */
export interface ExportJob extends Job {
  readonly isPublished: boolean;
}

/** Which exports are asked for. */
export interface ExportJobFilter {
  readonly status?: JobStatus;
  /** Only those whose command is on the broker, or only others. */
  readonly isPublished?: boolean;
}

export type ExportJobField = 'createdAt' | 'updatedAt';

/** A place in a list of exports. */
export interface ExportJobPlace {
  /** Epoch ms. */
  readonly time: number;
  readonly id: string;
  /** The moment the list shows, where what it is ordered by changes. */
  readonly snapshot?: Snapshot;
}

/** A page of exports. */
export interface ExportJobList {
  readonly jobs: ExportJob[];
  /** On all pages. */
  readonly totalCount: number;
  /** Where the next page begins; undefined on the last one. */
  readonly next: ExportJobPlace | undefined;
}

export interface ExportJobPage {
  readonly field: ExportJobField;
  readonly descending: boolean;
  /** Only what comes after it. */
  readonly after?: ExportJobPlace;
  /** Items to pass over. */
  readonly start: number;
  readonly limit: number;
}

/** Reads the jobs that export. */
export class ExportJobReader {
  private readonly jobs: Collection<JobDocument>;
  private readonly snapshots: Snapshots;

  constructor(database: Database) {
    this.jobs = database.collection('jobs');
    this.snapshots = new Snapshots(database);
  }

  async find(tenant: Tenant, number: number): Promise<ExportJob | undefined> {
    const _id = exportJobId(tenant.organisation, number);
    const found = await available(this.jobs.findOne({ _id, tenant: tenantKey(tenant) }));
    return found === null ? undefined : exportJob(found);
  }

  /**
   * One page. All pages of a list by `updatedAt` show the moment of the first: a job that goes on meanwhile would be skipped
   * or repeated, as what it is ordered by changes. Once the database has forgotten that moment, they show the present.
   *
   * @throws UnavailableError
   */
  async list(tenant: Tenant, filter: ExportJobFilter, page: ExportJobPage): Promise<ExportJobList> {
    if (page.field !== 'updatedAt') return available(this.page(tenant, filter, page));
    const taken = await this.snapshots.take();
    const snapshot = page.after?.snapshot === undefined ? taken : earlierSnapshot(page.after.snapshot, taken);
    try {
      const list = await this.snapshots.with(snapshot, (read) => this.page(tenant, filter, page, read));
      return { ...list, next: list.next && { ...list.next, snapshot } };
    } catch (error) {
      if (!(error instanceof SnapshotExpiredError)) throw error;
      return available(this.page(tenant, filter, page));
    }
  }

  private async page(
    tenant: Tenant,
    { status, isPublished }: ExportJobFilter,
    { field, descending, after, start, limit }: ExportJobPage,
    read?: SnapshotRead,
  ): Promise<ExportJobList> {
    const filter: Filter<JobDocument> = {
      tenant: tenantKey(tenant),
      type: 'EXPORT',
      ...(status && { status }),
      ...(isPublished !== undefined && { unpublished: isPublished ? { $exists: false } : true }),
    };
    const direction = descending ? -1 : 1;
    const rest: Document = after === undefined ? filter : { ...filter, ...beyond(field, after, descending) };
    const [found, totalCount] = await Promise.all([
      this.jobs
        .find(rest as Filter<JobDocument>, { ...read })
        .sort({ [field]: direction, _id: direction })
        .skip(start)
        .limit(limit + 1)
        .toArray(),
      this.jobs.countDocuments(filter, { ...read }),
    ]);
    const jobs = found.slice(0, limit);
    const last = found.length > limit ? jobs.at(-1) : undefined;
    return { jobs: jobs.map(exportJob), totalCount, next: last && { time: last[field], id: last._id } };
  }
}

/** The id of the job that is an organisation's export of this number; in the order of the numbers. */
export function exportJobId(organisation: string, number: number): string {
  return `export.${organisation}.${String(number).padStart(12, '0')}`;
}

/** The number that an export is known by, of the id of its job: the inverse of {@link exportJobId}. */
export function exportNumber(jobId: string): number {
  return Number(jobId.slice(jobId.lastIndexOf('.') + 1));
}

function exportJob(document: JobDocument): ExportJob {
  return { ...toJob(document), isPublished: document.unpublished === undefined };
}

function beyond(field: ExportJobField, { time, id }: ExportJobPlace, descending: boolean): Document {
  const further = descending ? '$lt' : '$gt';
  return { $or: [{ [field]: { [further]: time } }, { [field]: time, _id: { [further]: id } }] };
}
