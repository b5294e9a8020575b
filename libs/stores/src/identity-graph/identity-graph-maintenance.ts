import type { Document, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { LinkEvidence } from '@tessera/domain';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { PeopleCounter } from '../samples/people-counter.js';
import { graphCollections, type GraphCollections } from './graph-collections.js';
import type { LinkDocument } from './graph-documents.js';
import { FoldedChanges, type GraphResult } from './graph-result.js';
import type { GraphTask } from './graph-task.js';
import { GraphTaskRunner, type IdentityGraphOptions } from './graph-task-runner.js';
import { IdentitySettingsRepository } from './identity-settings.js';
import type { Withdrawal } from './planned-links.js';

/** What is to be withdrawn from a graph: what a dataset said, what one batch of it said, or what was said of identities. */
export type WithdrawnEvidence = (
  { readonly datasetId: string; readonly batchId?: string } | { readonly xids: readonly string[] }
) & {
  /** Only what was said before this deletion (epoch ms); everything when absent. */
  readonly before?: number;
};

/** Components of one step. Bounds what is in memory and what a step has to repeat after an interruption. */
const STEP = 100;

/**
 * Slow work on whole graphs, in bounded steps that each leave the graph consistent. A run that was interrupted is simply
 * started again: what is done is not found any more. Several may run at once, beside writers.
 */
export class IdentityGraphMaintenance {
  private readonly collections: GraphCollections;
  private readonly settings: IdentitySettingsRepository;
  private readonly tasks: GraphTaskRunner;
  private readonly people: PeopleCounter;

  constructor(database: Database, options: IdentityGraphOptions) {
    this.collections = graphCollections(database);
    this.settings = new IdentitySettingsRepository(database);
    this.people = new PeopleCounter(database);
    this.tasks = new GraphTaskRunner(database, options);
  }

  /**
   * Removes evidence, and links that nothing else supports. People who hung together by them alone come apart.
   *
   * @param acceptedAt when the request was accepted, epoch ms.
   * @returns the people who changed, step by step.
   */
  async *removeEvidence(tenant: Tenant, withdrawn: WithdrawnEvidence, acceptedAt: number): AsyncGenerator<GraphResult> {
    const { before = Infinity } = withdrawn;
    const isBefore = ({ since = -Infinity }: LinkEvidence) => since < before;
    if ('xids' in withdrawn) {
      for (let from = 0; from < withdrawn.xids.length; from += STEP) {
        const some = withdrawn.xids.slice(from, from + STEP);
        const touched = new Set(some);
        yield this.step(
          tenant,
          some,
          acceptedAt,
          (evidence, a, b) => isBefore(evidence) && (touched.has(a) || touched.has(b)),
        );
      }
      return;
    }
    const { datasetId, batchId } = withdrawn;
    const covers = (evidence: LinkEvidence) =>
      isBefore(evidence) && evidence.datasetId === datasetId && (batchId === undefined || evidence.batchId === batchId);
    for (let from = ''; ;) {
      const links = await this.linksWith(tenant, withdrawn, from);
      const last = links.at(-1);
      if (!last) return;
      yield this.step(tenant, [...new Set(links.map(({ a }) => a))], acceptedAt, covers);
      from = last.a;
    }
  }

  /** How many links some evidence supports, alone or with others. */
  async countLinks(tenant: Tenant, withdrawn: WithdrawnEvidence): Promise<number> {
    const key = tenantKey(tenant);
    if (!('xids' in withdrawn)) {
      return available(this.collections.links.countDocuments({ tenant: key, $expr: supportedBy(withdrawn) }));
    }
    const xids = [...withdrawn.xids];
    // A link is found by its smaller end, whose component is its larger end's.
    const found = await available(
      this.collections.identities
        .find({ tenant: key, _id: { $in: xids } }, { projection: { componentId: 1 } })
        .toArray(),
    );
    const components = this.collections.components.find({
      tenant: key,
      _id: { $in: found.map(({ componentId }) => componentId) },
    });
    const members = (await available(components.toArray())).flatMap((component) => component.members);
    const ends = { $or: [{ a: { $in: xids } }, { b: { $in: xids } }] };
    return available(this.collections.links.countDocuments({ tenant: key, a: { $in: members }, ...ends }));
  }

  /**
   * Resolves every component anew that was last resolved under other settings than those in force now.
   *
   * @param acceptedAt when the settings were changed, epoch ms.
   */
  async *rebuild(tenant: Tenant, acceptedAt: number): AsyncGenerator<GraphResult> {
    const { version } = await this.settings.get(tenant);
    for (;;) {
      const outdated = await available(
        this.collections.components
          .find({ tenant: tenantKey(tenant), rules: { $lt: version } }, { projection: { _id: 1 } })
          .limit(STEP)
          .toArray(),
      );
      if (outdated.length === 0) return;
      yield this.step(
        tenant,
        outdated.map(({ _id }) => _id),
        acceptedAt,
      );
    }
  }

  private async step(
    tenant: Tenant,
    touched: readonly string[],
    acceptedAt: number,
    withdrawal?: Withdrawal,
  ): Promise<GraphResult> {
    const tasks: GraphTask[] = touched.map((xid) => ({ identities: [], links: [], touched: [xid], acceptedAt }));
    const done = await this.tasks.run(tenant, tasks, () => STEP / 4, withdrawal);
    await this.people.add(tenant, done.growth);
    const changes = new FoldedChanges();
    for (const change of done.changes) changes.add(change);
    return {
      changes: changes.all(),
      announcements: done.announcements,
      sizes: done.changes.map(({ members }) => members.length),
      counts: { ...done.counts, refreshed: 0, linked: 0 },
    };
  }

  /** Some links that the evidence supports, in the order of `a`, none before `from`. */
  private linksWith(
    tenant: Tenant,
    withdrawn: WithdrawnEvidence & { readonly datasetId: string; readonly batchId?: string },
    from: string,
  ): Promise<Pick<LinkDocument, 'a'>[]> {
    const supported: Filter<LinkDocument> = { $expr: supportedBy(withdrawn) };
    return available(
      this.collections.links
        .find({ tenant: tenantKey(tenant), a: { $gte: from }, ...supported }, { projection: { a: 1 } })
        .sort({ tenant: 1, a: 1 })
        .limit(STEP)
        .toArray(),
    );
  }
}

/** Whether some of a link's evidence is of a dataset or batch and from before a deletion, as an expression. */
export function supportedBy({
  datasetId,
  batchId,
  before,
}: {
  readonly datasetId: string;
  readonly batchId?: string;
  readonly before?: number;
}): Document {
  const conditions: Document[] = [{ $eq: ['$$this.v.datasetId', { $literal: datasetId }] }];
  if (batchId !== undefined) conditions.push({ $eq: ['$$this.v.batchId', { $literal: batchId }] });
  if (before !== undefined) conditions.push({ $lt: [{ $ifNull: ['$$this.v.since', -Infinity] }, before] });
  return { $anyElementTrue: { $map: { input: { $objectToArray: '$evidence' }, in: { $and: conditions } } } };
}
