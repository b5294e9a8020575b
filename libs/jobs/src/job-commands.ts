import { jobQueueOf, jobQueues, type JobCommand, type Tenant } from '@tessera/contracts';
import type { Producer } from '@tessera/messaging';
import type { Job, JobReference, JobStore, NewJob } from '@tessera/stores';

/**
 * Commissions long work: first the durable record, which is the promise, then the command that tells a worker. A command
 * that does not reach the broker is published later by a sweeper, so the promise is kept either way.
 */
export class JobCommands {
  constructor(
    private readonly jobs: JobStore,
    private readonly producer: Producer,
  ) {}

  /**
   * Records a job and publishes its command. With an id that is known already nothing is done twice, and the job as it now
   * is comes back: repeat it freely.
   *
   * @throws UnavailableError when the store or the broker is down. The job may have been recorded, and is then done.
   */
  async submit(tenant: Tenant, job: NewJob): Promise<Job> {
    const recorded = await this.jobs.create(tenant, job);
    if (recorded.status === 'NEW') await this.publish(recorded);
    return recorded;
  }

  /**
   * The same for a type of job of which a sandbox has one at a time.
   *
   * @returns the job; while one of its type is not final, that one.
   * @throws UnavailableError
   */
  async submitSole(tenant: Tenant, job: NewJob): Promise<Job> {
    const recorded = await this.jobs.createSole(tenant, job);
    if (recorded.id === job.id && recorded.status === 'NEW') await this.publish(recorded);
    return recorded;
  }

  /** Publishes the command of a job that is recorded. @throws UnavailableError */
  async publish({ id, tenant, type, requestId }: JobReference): Promise<void> {
    const command: JobCommand = { ...tenant, requestId, jobId: id, type };
    await this.producer.send(jobQueues[jobQueueOf(type)].topic, [{ key: id, value: JSON.stringify(command) }]);
    await this.jobs.published(tenant, id);
  }
}
