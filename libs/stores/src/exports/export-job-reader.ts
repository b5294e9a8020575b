import type { Collection, Document, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { Job, JobStatus } from '../jobs/job.js';
import { toJob, type JobDocument } from '../jobs/job-document.js';

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

  constructor(database: Database) {
    this.jobs = database.collection('jobs');
  }

  async find(tenant: Tenant, number: number): Promise<ExportJob | undefined> {
    const _id = exportJobId(tenant.organisation, number);
    const found = await available(this.jobs.findOne({ _id, tenant: tenantKey(tenant) }));
    return found === null ? undefined : exportJob(found);
  }

  /** One page, and how many there are on all of them. */
  async list(
    tenant: Tenant,
    { status, isPublished }: ExportJobFilter,
    { field, descending, after, start, limit }: ExportJobPage,
  ): Promise<{ readonly jobs: ExportJob[]; readonly totalCount: number }> {
    const filter: Filter<JobDocument> = {
      tenant: tenantKey(tenant),
      type: 'EXPORT',
      ...(status && { status }),
      ...(isPublished !== undefined && { unpublished: isPublished ? { $exists: false } : true }),
    };
    const direction = descending ? -1 : 1;
    const rest: Document = after === undefined ? filter : { ...filter, ...beyond(field, after, descending) };
    const [found, totalCount] = await available(
      Promise.all([
        this.jobs
          .find(rest as Filter<JobDocument>)
          .sort({ [field]: direction, _id: direction })
          .skip(start)
          .limit(limit)
          .toArray(),
        this.jobs.countDocuments(filter),
      ]),
    );
    return { jobs: found.map(exportJob), totalCount };
  }
}

/** The id of the job that is an organisation's export of this number; in the order of the numbers. */
export function exportJobId(organisation: string, number: number): string {
  return `export.${organisation}.${String(number).padStart(12, '0')}`;
}

function exportJob(document: JobDocument): ExportJob {
  return { ...toJob(document), isPublished: document.unpublished === undefined };
}

function beyond(field: ExportJobField, { time, id }: ExportJobPlace, descending: boolean): Document {
  const further = descending ? '$lt' : '$gt';
  return { $or: [{ [field]: { [further]: time } }, { [field]: time, _id: { [further]: id } }] };
}
