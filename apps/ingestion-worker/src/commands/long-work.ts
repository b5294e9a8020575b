import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { JobRunner, JobSweeper } from '@tessera/jobs';

/** The work on jobs: taken up once what it needs is there, handed back before the connections close. */
export class LongWork implements BeforeApplicationShutdown {
  private started = false;

  constructor(
    private readonly runner: JobRunner,
    private readonly sweeper: JobSweeper,
  ) {}

  start(): void {
    if (this.started) return;
    this.started = true;
    this.runner.start();
    this.sweeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.runner.stop(), this.sweeper.stop()]);
  }
}
