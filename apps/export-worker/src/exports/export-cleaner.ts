import type { JobsLogger } from '@tessera/jobs';
import { exportObjects, type ObjectStorage } from '@tessera/object-storage';
import { isFinal, type ExportStore, type JobReader, type UnsettledExport } from '@tessera/stores';

export interface ExportCleanerParts {
  readonly exports: ExportStore;
  readonly jobs: Pick<JobReader, 'find'>;
  readonly storage: ObjectStorage;
  readonly logger: JobsLogger;
  /** Milliseconds between sweeps. */
  readonly interval?: number;
  /** Exports looked at together. */
  readonly page?: number;
}

/** Milliseconds after the end of an export for which a worker that lost contact may still write files of it. */
const STRAGGLERS = 600_000;

/** Removes the files of exports that were called off or failed, whoever died over it. Any number of workers may sweep. */
export class ExportCleaner {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(private readonly parts: ExportCleanerParts) {}

  /** Sweeps now and from time to time. */
  start(): void {
    const { interval = 60_000, logger } = this.parts;
    const attempt = () => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => logger.warn({ error: String(error) }, 'Exports could not be looked through'))
        .finally(() => (this.sweeping = undefined));
    };
    attempt();
    this.timer ??= setInterval(attempt, interval);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** @throws UnavailableError */
  async sweep(): Promise<void> {
    const { exports, page = 500 } = this.parts;
    for (let after = ''; ;) {
      const some = await exports.unsettled(after, page);
      for (const one of some) await this.clean(one);
      const last = some.at(-1);
      if (last === undefined || some.length < page) return;
      after = last.jobId;
    }
  }

  private async clean({ tenant, jobId }: UnsettledExport): Promise<void> {
    const { exports, jobs, storage } = this.parts;
    const job = await jobs.find(tenant, jobId);
    if (job !== null && !isFinal(job.status)) return;
    await storage.deleteAll(exportObjects(tenant, jobId).all);
    if (job === null || Date.now() - job.updatedAt > STRAGGLERS) await exports.settle(tenant, jobId);
  }
}
