import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type JsonObject, type JobType, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';

/** What became of a request to delete. `withdrawn`: its client took it back, and what was not removed by then stayed. */
export const auditActions = ['accepted', 'done', 'failed', 'withdrawn'] as const;
export type AuditAction = (typeof auditActions)[number];

/** Who did what to whose data, when, and how much of it. Entries are only ever added. */
export interface AuditEntry {
  readonly tenant: Tenant;
  readonly jobId: string;
  readonly jobType: JobType;
  readonly action: AuditAction;
  /** Epoch ms. */
  readonly at: number;
  /** Client id of who asked for it. */
  readonly by: string;
  readonly requestId: string;
  /** What it is about, by ids: never what was deleted. */
  readonly subject: JsonObject;
  /** How many documents of each store. */
  readonly counts: Readonly<Record<string, number>>;
}

interface AuditDocument extends Omit<AuditEntry, 'tenant' | 'subject'> {
  /** `<job>/<action>`: each is written once, however often it is tried. */
  readonly _id: string;
  readonly tenant: string;
  readonly organisation: string;
  readonly sandbox: string;
  /** JSON text. */
  readonly subject: string;
}

export const auditIndexes: readonly IndexDefinition[] = [{ collection: 'audit', key: { tenant: 1, at: -1, _id: 1 } }];

/** The record of deletions. There is no way to change or remove an entry, on purpose. */
export class AuditStore {
  private readonly entries: Collection<AuditDocument>;

  constructor(database: Database) {
    this.entries = database.collection('audit');
  }

  /** Adds an entry; one that is there already stays as it is. @returns whether it was added. */
  async add(entry: AuditEntry): Promise<boolean> {
    return (await unorderedBulk(this.entries, [{ insertOne: { document: toDocument(entry) } }])).length === 0;
  }

  /** Adds an entry within the transaction that does what it says. */
  async addWithin(entry: AuditEntry, session: ClientSession): Promise<void> {
    await this.entries.insertOne(toDocument(entry), { session });
  }

  /** Newest first. */
  async list(
    tenant: Tenant,
    { start, limit }: { readonly start: number; readonly limit: number },
  ): Promise<{ readonly children: AuditEntry[]; readonly totalCount: number }> {
    const filter = { tenant: tenantKey(tenant) };
    const [found, totalCount] = await available(
      Promise.all([
        this.entries.find(filter).sort({ at: -1, _id: 1 }).skip(start).limit(limit).toArray(),
        this.entries.countDocuments(filter),
      ]),
    );
    return { children: found.map(fromDocument), totalCount };
  }
}

function toDocument({ tenant, subject, ...entry }: AuditEntry): AuditDocument {
  const { organisation, sandbox } = tenant;
  return {
    _id: `${entry.jobId}/${entry.action}`,
    tenant: tenantKey(tenant),
    organisation,
    sandbox,
    ...entry,
    subject: JSON.stringify(subject),
  };
}

function fromDocument(document: AuditDocument): AuditEntry {
  const { _id, organisation, sandbox, subject, ...entry } = document;
  return { ...entry, tenant: { organisation, sandbox }, subject: JSON.parse(subject) as JsonObject };
}
