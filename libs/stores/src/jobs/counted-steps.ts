import type { ClientSession } from 'mongodb';
import type { Tenant } from '@tessera/contracts';
import type { Database } from '../database.js';
import { TransactionRunner, type SessionLender } from '../identity-graph/transaction-runner.js';
import type { Job } from './job.js';
import { JobStore } from './job-store.js';

type Counts = Readonly<Record<string, number>>;

/** The job is final or unknown: what was done in its name is not to be. */
class ClosedJobError extends Error {
  override readonly name = 'ClosedJobError';
}

/**
 * Does steps of jobs and counts them in their records, both or neither: whoever is killed in between, or does the same job
 * at the same time, leaves a record that says exactly what was done.
 */
export class CountedSteps {
  private readonly jobs: JobStore;
  private readonly runner: TransactionRunner;

  constructor(database: Database, sessions: SessionLender) {
    this.jobs = new JobStore(database);
    this.runner = new TransactionRunner(sessions, { concurrency: 1 });
  }

  /**
   * Takes one step.
   *
   * @param work writes within the session alone, and says how much it has done, by name. It is done again after a conflict.
   * @returns what it said, and the job with what all have counted; null when the job is final or unknown: then nothing is done.
   * @throws UnavailableError
   */
  async take<C extends Counts>(
    tenant: Tenant,
    jobId: string,
    work: (session: ClientSession) => Promise<C>,
  ): Promise<{ readonly counts: C; readonly job: Job } | null> {
    try {
      const { results } = await this.runner.run([[jobId]], async (_ids, session) => {
        const counts = await work(session);
        const job = await this.jobs.count(tenant, jobId, counts, session);
        if (!job) throw new ClosedJobError();
        return { counts, job };
      });
      return results[0] ?? null;
    } catch (error) {
      if (error instanceof ClosedJobError) return null;
      throw error;
    }
  }
}
