import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { DeletionFence } from '../deletions/deletion-fence.js';
import {
  partId,
  planFrom,
  type ExportDocument,
  type ExportNumberDocument,
  type ExportPartDocument,
} from './export-documents.js';
import type { ExportPart, ExportPartDone, ExportPlan, ExportProgress } from './export-work.js';

/** An export whose files are neither published nor removed. */
export interface UnsettledExport {
  readonly jobId: string;
  readonly tenant: Tenant;
}

/** What workers know of the exports they make. Every write may be repeated. */
export class ExportStore {
  private readonly exports: Collection<ExportDocument>;
  private readonly parts: Collection<ExportPartDocument>;
  private readonly numbers: Collection<ExportNumberDocument>;

  constructor(database: Database) {
    this.exports = database.collection('exports');
    this.parts = database.collection('export_parts');
    this.numbers = database.collection('export_numbers');
  }

  /** A number that no export of the organisation has, larger than any before. Not every one is used. */
  async nextNumber(organisation: string): Promise<number> {
    const options = { upsert: true, returnDocument: 'after' } as const;
    const counted = await available(
      this.numbers.findOneAndUpdate({ _id: organisation }, { $inc: { last: 1 } }, options),
    );
    if (!counted) throw new Error('an upserted number was not returned');
    return counted.last;
  }

  async plan(tenant: Tenant, jobId: string): Promise<ExportPlan | undefined> {
    const found = await available(this.exports.findOne({ _id: jobId, tenant: tenantKey(tenant) }));
    return found === null ? undefined : planFrom(found);
  }

  /** Keeps a plan, unless there is one. @returns the one that is kept. */
  async begin(tenant: Tenant, plan: Omit<ExportPlan, 'round'>): Promise<ExportPlan> {
    const { jobId, profileUnion, eventUnion, visibility, ...rest } = plan;
    const document: Omit<ExportDocument, '_id' | 'tenant'> = {
      ...tenant,
      ...rest,
      round: 1,
      profileUnion: JSON.stringify(profileUnion),
      eventUnion: JSON.stringify(eventUnion),
      visibility: { ...visibility, keptFor: [...visibility.keptFor] },
      unsettled: true,
    };
    const kept = await available(
      this.exports.findOneAndUpdate(
        { _id: jobId, tenant: tenantKey(tenant) },
        { $setOnInsert: document },
        { upsert: true, returnDocument: 'after' },
      ),
    );
    if (!kept) throw new Error('an upserted plan was not returned');
    return planFrom(kept);
  }

  /** Begins a plan anew with more left out, unless somebody just did. */
  async beginAnew(tenant: Tenant, { jobId, round }: ExportPlan, fences: readonly DeletionFence[]): Promise<void> {
    await available(
      this.exports.updateOne({ _id: jobId, tenant: tenantKey(tenant), round }, { $set: { fences, round: round + 1 } }),
    );
  }

  async partDone(tenant: Tenant, part: ExportPartDone): Promise<void> {
    const _id = partId(part.jobId, part);
    const document = { tenant: tenantKey(tenant), ...part, namespaces: [...part.namespaces] };
    await available(this.parts.replaceOne({ _id, tenant: tenantKey(tenant) }, document, { upsert: true }));
  }

  /** Whether a part is done already. */
  async isDone(tenant: Tenant, jobId: string, part: ExportPart): Promise<boolean> {
    const filter = { _id: partId(jobId, part), tenant: tenantKey(tenant) };
    return (await available(this.parts.findOne(filter, { projection: { _id: 1 } }))) !== null;
  }

  /** The parts of a round that are done, in the order of their outputs and ranges. */
  async partsDone(tenant: Tenant, { jobId, round }: Pick<ExportPlan, 'jobId' | 'round'>): Promise<ExportPartDone[]> {
    const found = this.parts.find({ tenant: tenantKey(tenant), jobId, round }).sort({ output: 1, range: 1 });
    return (await available(found.toArray())).map(({ _id, tenant: _tenant, namespaces, ...part }) => ({
      ...part,
      namespaces: new Map(namespaces),
    }));
  }

  /** How far some exports are, by job; those that no worker has begun are absent. */
  async progress(tenant: Tenant, jobIds: readonly string[]): Promise<Map<string, ExportProgress>> {
    const filter = { _id: { $in: [...jobIds] }, tenant: tenantKey(tenant) };
    const found = this.exports.find(filter, { projection: { startedAt: 1, result: 1 } });
    return new Map(
      (await available(found.toArray())).map(({ _id, startedAt, result }) => [
        _id,
        {
          startedAt,
          ...(result && { result: { profiles: result.profiles, namespaces: new Map(result.namespaces) } }),
        },
      ]),
    );
  }

  /** Exports of every tenant whose files may have to go, by job, after one. */
  async unsettled(after: string, limit: number): Promise<UnsettledExport[]> {
    const found = this.exports
      .find({ unsettled: true, _id: { $gt: after } }, { projection: { organisation: 1, sandbox: 1 } })
      .sort({ unsettled: 1, _id: 1 })
      .limit(limit);
    return (await available(found.toArray())).map(({ _id, organisation, sandbox }) => ({
      jobId: _id,
      tenant: { organisation, sandbox },
    }));
  }

  /** Notes that nothing is left of an export that was not published, and forgets its parts. */
  async settle(tenant: Tenant, jobId: string): Promise<void> {
    const key = tenantKey(tenant);
    await available(this.parts.deleteMany({ tenant: key, jobId }));
    await available(this.exports.updateOne({ _id: jobId, tenant: key }, { $unset: { unsettled: '' } }));
  }
}
