import type { Document, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { LinkEvidence, XidRange } from '@tessera/domain';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { unpaced, type Paced } from '../paced.js';
import { PeopleCounter } from '../samples/people-counter.js';
import { graphCollections, type GraphCollections } from './graph-collections.js';
import type { LinkDocument } from './graph-documents.js';
import { FoldedChanges, type GraphResult } from './graph-result.js';
import type { GraphTask } from './graph-task.js';
import { GraphTaskRunner, type IdentityGraphOptions } from './graph-task-runner.js';
import { sweepOf, within } from '../xid-sweep.js';
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

/** Links looked through by one question, about. */
const LINKS_AT_ONCE = 2_000;

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
  async *removeEvidence(
    tenant: Tenant,
    withdrawn: WithdrawnEvidence,
    acceptedAt: number,
    paced: Paced = unpaced,
  ): AsyncGenerator<GraphResult> {
    const { before = Infinity } = withdrawn;
    const isBefore = ({ since = -Infinity }: LinkEvidence) => since < before;
    if ('xids' in withdrawn) {
      for (let from = 0; from < withdrawn.xids.length; from += STEP) {
        const some = withdrawn.xids.slice(from, from + STEP);
        const touched = new Set(some);
        const covers: Withdrawal = (evidence, a, b) => isBefore(evidence) && (touched.has(a) || touched.has(b));
        yield paced(() => this.step(tenant, some, acceptedAt, covers));
      }
      return;
    }
    const { datasetId, batchId } = withdrawn;
    const covers = (evidence: LinkEvidence) =>
      isBefore(evidence) && evidence.datasetId === datasetId && (batchId === undefined || evidence.batchId === batchId);
    for (const range of await sweepOf(this.collections.links, tenantKey(tenant), 'a', LINKS_AT_ONCE)) {
      const ends = await paced(() => this.endsWith(tenant, withdrawn, range));
      for (let from = 0; from < ends.length; from += STEP) {
        const some = ends.slice(from, from + STEP);
        yield paced(() => this.step(tenant, some, acceptedAt, covers));
      }
    }
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

  /** The smaller ends, within a range, of the links that the evidence supports. */
  private async endsWith(
    tenant: Tenant,
    withdrawn: WithdrawnEvidence & { readonly datasetId: string; readonly batchId?: string },
    range: XidRange,
  ): Promise<string[]> {
    const supported: Filter<LinkDocument> = { $expr: supportedBy(withdrawn) };
    const found = this.collections.links.find(
      { tenant: tenantKey(tenant), a: within(range), ...supported },
      { projection: { _id: 0, a: 1 }, batchSize: LINKS_AT_ONCE },
    );
    return [...new Set((await available(found.toArray())).map(({ a }) => a))];
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
