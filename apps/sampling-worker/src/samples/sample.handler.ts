import type { Tenant } from '@tessera/contracts';
import { defaultRules, samplingRatioOf } from '@tessera/domain';
import type { JobContext, JobHandler, JobTurn } from '@tessera/jobs';
import {
  DeletionFences,
  MergePolicyStore,
  PeopleCounter,
  PeopleScan,
  SampleReportStore,
  SampleWorkStore,
  SnapshotExpiredError,
  Snapshots,
  UNDER_WAY,
  type Database,
  type DeletionFence,
  type Job,
  type SampleWork,
} from '@tessera/stores';
import { RangeTally } from './range-tally.js';
import { ReportMaker } from './report-maker.js';

export interface SampleHandlerOptions {
  readonly database: Database;
  /** Share of people that a large sandbox's sample draws. */
  readonly ratio: number;
  /** About how many identities one part of a job looks at. */
  readonly rangeSize: number;
}

/** Times a sample begins anew because the store has forgotten its snapshot, before it reads each range at its own. */
const MOST_RENEWALS = 3;
const MOST_RANGES = 1_024;
const PROFILE_SCHEMA = '_xdm.context.profile';
/** Milliseconds between looks at whether all ranges are added up. */
const LOOK_AGAIN = 250;

/**
 * Draws a sample and makes its reports (spec 08-preview-sample). The people are divided into ranges, each a part of the job
 * that any worker adds up at the snapshot of the whole; what a part adds up to is kept, so nothing is done twice however
 * often workers die, and the result is the same.
 */
export class SampleHandler implements JobHandler {
  readonly type = 'SAMPLE';
  private readonly works: SampleWorkStore;
  private readonly reports: SampleReportStore;
  private readonly people: PeopleCounter;
  private readonly policies: MergePolicyStore;
  private readonly snapshots: Snapshots;
  private readonly fences: DeletionFences;
  private readonly scan: PeopleScan;
  private readonly ranges: RangeTally;
  private readonly maker: ReportMaker;

  constructor(private readonly options: SampleHandlerOptions) {
    const { database } = options;
    this.works = new SampleWorkStore(database);
    this.reports = new SampleReportStore(database);
    this.people = new PeopleCounter(database);
    this.policies = new MergePolicyStore(database);
    this.snapshots = new Snapshots(database);
    this.fences = new DeletionFences(database);
    this.scan = new PeopleScan(database);
    this.ranges = new RangeTally(database);
    this.maker = new ReportMaker(database);
  }

  async run(job: Job, context: JobContext): Promise<JobTurn> {
    const { id, tenant } = job;
    if (await this.reports.has(tenant, id)) return this.end(tenant, id);
    const work = await this.workOf(job);
    const finished = await this.works.finished(tenant, id, work.generation);
    await context.progress({ progress: (99 * finished.size) / work.ranges });
    if (finished.size < work.ranges) {
      for (let index = 0; index < work.ranges; index += 1) {
        if (!finished.has(index)) await context.addPart(partOf(work.generation, index));
      }
      return { again: LOOK_AGAIN };
    }
    const { profiles, sampled, fragments, events } = await this.maker.make(job, work);
    return this.end(tenant, id, { recordsProcessed: profiles, profiles, sampled, fragments, events });
  }

  async runPart({ id, tenant }: Job, part: string, { signal }: JobContext): Promise<void> {
    const [generation = NaN, index = NaN] = part.split('-').map(Number);
    const work = await this.works.find(tenant, id);
    if (work?.generation !== generation) return;
    if ((await this.works.finished(tenant, id, generation)).has(index)) return;
    try {
      const tally = await this.ranges.of(tenant, work, index, signal);
      await this.works.finish(tenant, id, generation, { index, tally });
    } catch (error) {
      if (!(error instanceof SnapshotExpiredError)) throw error;
      await this.renew(tenant, id, generation);
    }
  }

  async failed({ id, tenant }: Job): Promise<void> {
    await this.works.forget(tenant, id);
  }

  private async end(tenant: Tenant, id: string, metrics?: Readonly<Record<string, number>>): Promise<JobTurn> {
    await this.works.forget(tenant, id);
    return { done: true, ...(metrics && { metrics }) };
  }

  private async workOf({ id, tenant, properties }: Job): Promise<SampleWork> {
    const known = await this.works.find(tenant, id);
    if (known) return known;
    // Read before the snapshot: what is added in between is then in both, and put right by the next sample.
    const [kept, rules] = await Promise.all([this.people.find(tenant), this.rulesOf(tenant)]);
    const at = Date.now();
    const snapshot = await this.snapshots.take();
    const fences = await this.deletedBefore(tenant, at);
    const asked = properties['samplingRatio'];
    const people = rules.graph === 'none' ? kept.identities : kept.clusters;
    const estimate = await this.scan.estimate(tenant, snapshot);
    return this.works.begin(tenant, id, {
      generation: 0,
      snapshot,
      at,
      fences,
      ratio: typeof asked === 'number' ? asked : samplingRatioOf(people, this.options.ratio),
      ...rules,
      ranges: Math.min(MOST_RANGES, 1 + Math.floor(estimate / this.options.rangeSize)),
      kept,
    });
  }

  private async renew(tenant: Tenant, id: string, generation: number): Promise<void> {
    const kept = await this.people.find(tenant);
    const at = Date.now();
    const snapshot = generation < MOST_RENEWALS ? await this.snapshots.take() : undefined;
    const fences = await this.deletedBefore(tenant, at);
    await this.works.renew(tenant, id, generation, { at, kept, fences, ...(snapshot !== undefined && { snapshot }) });
  }

  /** What was deleted, and may still be there at a snapshot of now (epoch ms) that is taken before this. */
  private async deletedBefore(tenant: Tenant, at: number): Promise<readonly DeletionFence[]> {
    if ((await this.fences.version(tenant)) === 0) return [];
    return this.fences.acceptedSince(tenant, at - UNDER_WAY);
  }

  /** How the default policy makes profiles; without one, every identity is a person (spec 05-merge-policies, "Rules"). */
  private async rulesOf(tenant: Tenant): Promise<Pick<SampleWork, 'graph' | 'order' | 'mergeStrategy'>> {
    const [policies = []] = await this.policies.findMany([tenant]);
    const { graph, attributeMerge } = defaultRules(policies, PROFILE_SCHEMA);
    const mergeStrategy = `${attributeMerge.type}_${graph}`;
    if (attributeMerge.type === 'timestampOrdered') return { graph, mergeStrategy };
    return { graph, mergeStrategy, order: attributeMerge.order };
  }
}

function partOf(generation: number, index: number): string {
  return `${generation}-${index}`;
}
