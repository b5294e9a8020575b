import type { Body } from './body.js';
import { deliver, type DeliveryOptions } from './delivery.js';

/** Delivers a bounded number of bodies at the same time. */
export class Lanes {
  /** Why a body could not be delivered; no more are sent then. */
  failure: Error | undefined;
  private readonly open = new Set<Promise<void>>();
  private readonly undelivered: number[] = [];

  constructor(
    private readonly width: number,
    private readonly options: DeliveryOptions,
  ) {}

  /** The first row of the bodies that were not delivered. */
  get firstOpenRow(): number | undefined {
    return this.undelivered.length === 0 ? undefined : Math.min(...this.undelivered);
  }

  /** Begins with a body once there is room. After a failure it is not sent, and only its first row is kept in mind. */
  async take(body: Body | undefined): Promise<void> {
    if (body === undefined) return;
    while (this.open.size >= this.width) await Promise.race(this.open);
    // Asked after the waiting, during which a body in another lane may have failed.
    if (this.failure !== undefined) return this.putAside(body);
    this.options.summary.sent += body.rows.length;
    // A delivery leaves the set only after it was put there: whatever it does, it is removed in a later turn.
    const delivery = this.deliver(body).finally(() => this.open.delete(delivery));
    this.open.add(delivery);
  }

  async end(): Promise<void> {
    await Promise.all(this.open);
  }

  private async deliver(body: Body): Promise<void> {
    try {
      await deliver(body, this.options);
    } catch (error) {
      this.failure ??= error as Error;
      this.putAside(body);
    }
  }

  private putAside({ rows }: Body): void {
    this.undelivered.push(rows[0] as number);
  }
}
