import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientSession } from 'mongodb';
import type { Tenant } from '@tessera/contracts';
import { AuditStore } from '../audit/audit-store.js';
import type { Database } from '../database.js';
import { newSessions, TransactionRunner } from '../identity-graph/transaction-runner.js';
import type { Job } from '../jobs/job.js';
import { JobStore } from '../jobs/job-store.js';
import {
  deletionJobType,
  deletionProperties,
  fencesOf,
  fenceTime,
  keeperOf,
  subjectIds,
  type DeletionSubject,
} from './deletion.js';
import { FenceSetter } from './fence-setter.js';

/** Who asks for a deletion. */
export interface DeletionOrder {
  /** Client id. */
  readonly requestedBy: string;
  readonly requestId: string;
}

/** A deletion to accept. */
export interface NewDeletion {
  readonly tenant: Tenant;
  readonly subject: DeletionSubject;
  readonly order: DeletionOrder;
  /** Whether it is refused while another of the same subject is not done. */
  readonly isExclusive?: boolean;
  /** Takes the subject out of sight in the same step; says whether it was there. */
  readonly hide?: (session: ClientSession) => Promise<boolean>;
}

/** What became of asking: the job, the id of the one that is doing the same already, or nothing to delete. */
export type AcceptedDeletion = { readonly job: Job } | { readonly running: string } | undefined;

/**
 * Milliseconds that a fence lies ahead of its writing. Whatever is accepted after it meets workers that can see it; the
 * clocks of those who accept may differ by as much.
 */
const LEAD = 200;

/** Accepts deletions: the job, its fences and the audit entry in one step, all of them or none. */
export class DeletionAcceptance {
  private readonly jobs: JobStore;
  private readonly fences: FenceSetter;
  private readonly audit: AuditStore;
  private readonly runner: TransactionRunner;

  constructor(database: Database) {
    this.jobs = new JobStore(database);
    this.fences = new FenceSetter(database);
    this.audit = new AuditStore(database);
    this.runner = new TransactionRunner(newSessions(database.client), { concurrency: 1 });
  }

  /**
   * Accepts a deletion. Everything accepted after this has returned is out of its reach; everything accepted before it was
   * called is gone for good once its job has succeeded.
   *
   * @throws UnavailableError when the store is down; the deletion may have been accepted all the same.
   */
  async accept(deletion: NewDeletion): Promise<AcceptedDeletion> {
    const now = Date.now();
    const [id, at] = [randomUUID(), now + LEAD];
    const { results } = await this.runner.run([[deletion]], (_tasks, session) =>
      this.acceptWithin(deletion, id, now, at, session),
    );
    const wait = at + 1 - Date.now();
    if (wait > 0) await delay(wait);
    return results[0];
  }

  /** Accepts a deletion that was promised earlier, at its time then (epoch ms). May be repeated. */
  async adopt(deletion: NewDeletion, id: string, at: number): Promise<void> {
    await this.runner.run([[deletion]], (_tasks, session) => this.acceptWithin(deletion, id, at, at, session));
  }

  private async acceptWithin(
    { tenant, subject, order, isExclusive, hide }: NewDeletion,
    id: string,
    now: number,
    at: number,
    session: ClientSession,
  ): Promise<AcceptedDeletion> {
    const keeper = keeperOf(tenant, subject);
    const [type, ids] = [deletionJobType(subject), subjectIds(subject)];
    // Where the answer to a commit was lost, the work is done again and finds its own trace.
    const known = await this.jobs.find(keeper, id, session);
    if (known) return { job: known };
    const exclusive = isExclusive ? sameDeletion(subject) : undefined;
    if (exclusive !== undefined) {
      const running = await this.jobs.holderOf(keeper, exclusive, session);
      if (running !== undefined) return { running };
    }
    if (hide && !(await hide(session))) return undefined;
    const properties = deletionProperties(subject, at);
    const job = await this.jobs.insert(
      keeper,
      { id, type, properties, ...order, createdAt: now },
      { exclusive, session },
    );
    await this.fences.set(tenant, fencesOf(subject), fenceTime(subject, at), id, session);
    const entry = { jobId: id, jobType: type, at: now, by: order.requestedBy, requestId: order.requestId };
    await this.audit.addWithin({ tenant: keeper, ...entry, action: 'accepted', subject: ids, counts: {} }, session);
    return { job };
  }
}

/**
 * What two requests have in common that are for the same. What is asked of a dataset that is there is not for the same as
 * its removal, which is never refused.
 */
function sameDeletion(subject: DeletionSubject): string {
  const ids = subjectIds(subject);
  const isRemoved = subject.kind === 'dataset' && subject.isRemoved;
  return `${deletionJobType(subject)}/${JSON.stringify(isRemoved ? { ...ids, isRemoved } : ids)}`;
}
