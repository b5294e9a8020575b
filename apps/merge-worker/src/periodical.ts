import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { reasonOf, UnavailableError } from '@tessera/contracts';

/** Work that is done every now and then for as long as the application runs, one turn at a time. */
export abstract class Periodical implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  /**
   * @param interval milliseconds between turns.
   * @param onFailure told why a turn failed; the next one comes all the same.
   */
  constructor(
    private readonly interval: number,
    private readonly onFailure: (reason: string) => void,
  ) {}

  /** One turn. */
  abstract once(): Promise<void>;

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.running
        .then(() => this.once())
        .catch((error: unknown) => this.onFailure(error instanceof UnavailableError ? error.message : reasonOf(error)));
    }, this.interval);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }
}
