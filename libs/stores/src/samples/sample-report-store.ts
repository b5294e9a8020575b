import type { Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';
import type { SampleReport, SampleSummary } from './sample-report.js';

interface SampleReportDocument extends Omit<SampleReport, 'id'> {
  readonly _id: string;
  readonly tenant: string;
  readonly expireAt: Date;
}

const DAY = 86_400_000;
/** Days for which reports are kept (spec 08-preview-sample). */
export const REPORT_RETENTION_DAYS = 400;

export const sampleReportIndexes: readonly IndexDefinition[] = [
  { collection: 'reports', key: { tenant: 1, at: -1 } },
  { collection: 'reports', key: { expireAt: 1 }, options: { expireAfterSeconds: 0 } },
];

const withoutLists = {
  datasets: 0,
  namespaces: 0,
  'tally.datasets': 0,
  'tally.namespaces': 0,
  'tally.datasetOverlap': 0,
  'tally.namespaceOverlap': 0,
  'tally.unstitched': 0,
};

/** What reads need of reports. */
export interface SampleReportReader {
  /** The last report, or the last one of a UTC day given by its beginning (epoch ms). */
  latest(tenant: Tenant, day?: number): Promise<SampleReport | undefined>;
  /** The last report without its lists. */
  latestSummary(tenant: Tenant): Promise<SampleSummary | undefined>;
}

/** Reports of samples. Every one is kept, also of several on one day, until it is old. */
export class SampleReportStore implements SampleReportReader {
  private readonly reports: Collection<SampleReportDocument>;

  constructor(database: Database) {
    this.reports = database.collection('reports');
  }

  /** Keeps a report. @returns false when there is one of its job already, which stays. */
  async add(tenant: Tenant, { id, ...report }: SampleReport): Promise<boolean> {
    const document = { ...report, expireAt: new Date(report.at + REPORT_RETENTION_DAYS * DAY) };
    const taken = await unorderedBulk(this.reports, [
      { insertOne: { document: { _id: id, tenant: tenantKey(tenant), ...document } } },
    ]);
    return taken.length === 0;
  }

  async has(tenant: Tenant, id: string): Promise<boolean> {
    const found = this.reports.findOne({ _id: id, tenant: tenantKey(tenant) }, { projection: { _id: 1 } });
    return (await available(found)) !== null;
  }

  async latest(tenant: Tenant, day?: number): Promise<SampleReport | undefined> {
    const filter: Filter<SampleReportDocument> = {
      tenant: tenantKey(tenant),
      ...(day !== undefined && { at: { $gte: day, $lt: day + DAY } }),
    };
    const found = await available(this.reports.findOne(filter, { sort: { at: -1 } }));
    if (!found) return undefined;
    const { _id: id, tenant: _tenant, expireAt: _expireAt, ...report } = found;
    return { id, ...report };
  }

  async latestSummary(tenant: Tenant): Promise<SampleSummary | undefined> {
    const options = { sort: { at: -1 as const }, projection: withoutLists };
    const found = await available(this.reports.findOne({ tenant: tenantKey(tenant) }, options));
    if (!found) return undefined;
    const { _id: id, tenant: _tenant, expireAt: _expireAt, ...report } = found;
    return { id, ...report };
  }
}
