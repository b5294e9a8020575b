import { randomBytes } from 'node:crypto';
import type { Acceptance } from '@tessera/domain';

/** A request's place in the order of acceptance. */
export interface AcceptedRequest {
  /** Epoch ms. */
  readonly acceptedAt: number;
  /** `<acceptedAt>:<instance>:<count>`, the published form of a transaction id. */
  readonly id: string;
  /** The acceptance of the request's record with this index. */
  acceptance(index: number): Acceptance;
}

const COUNT_DIGITS = 9;
const INDEX_DIGITS = 2;

/**
 * Gives every request of this process a place after all before it. Time never runs backwards here, even where the
 * machine's clock does.
 */
export class AcceptanceClock {
  private last = 0;
  private count = 0;

  constructor(private readonly instance: string = randomBytes(3).toString('hex')) {}

  next(): AcceptedRequest {
    this.last = Math.max(this.last, Date.now());
    this.count += 1;
    const [acceptedAt, count] = [this.last, this.count];
    const prefix = count.toString(36).padStart(COUNT_DIGITS, '0');
    return {
      acceptedAt,
      id: `${acceptedAt}:${this.instance}:${count}`,
      acceptance: (index) => ({
        acceptedAt,
        position: `${prefix}${index.toString(36).padStart(INDEX_DIGITS, '0')}${this.instance}`,
      }),
    };
  }
}
