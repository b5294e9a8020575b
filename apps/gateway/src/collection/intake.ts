import { topics } from '@tessera/contracts';
import { problem, type ProblemError } from '@tessera/http';
import type { OutgoingMessage, Producer } from '@tessera/messaging';

export interface IntakeLimits {
  /** Records accepted and not yet acknowledged by Kafka. */
  readonly maxInFlight: number;
  /** Records on the topic that the ingestion workers have not applied yet. */
  readonly maxBacklog: number;
}

/**
 * The way into Kafka, bounded: past the bounds a client is told to wait instead of piling work up in memory or on the topic
 * (spec 02-conventions, "Errors").
 */
export class Intake {
  private inFlight = 0;

  constructor(
    private readonly producer: Producer,
    private readonly backlog: () => number,
    private readonly limits: IntakeLimits,
  ) {}

  /** Records on their way to Kafka. */
  get size(): number {
    return this.inFlight;
  }

  /** Records that can be on their way at once. */
  get capacity(): number {
    return this.limits.maxInFlight;
  }

  /** Whether as many records could be taken now. @throws ProblemError `too-many-requests` past a bound. */
  ensureRoom(records: number): void {
    if (this.inFlight + records > this.limits.maxInFlight) throw tooMany(1);
    if (this.backlog() > this.limits.maxBacklog) throw tooMany(2);
  }

  /**
   * Resolves once Kafka has all records on all in-sync replicas.
   *
   * @throws ProblemError `too-many-requests` past a bound.
   * @throws UnavailableError when Kafka does not take them.
   */
  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.ensureRoom(messages.length);
    this.inFlight += messages.length;
    try {
      await this.producer.send(topics.record, messages);
    } finally {
      this.inFlight -= messages.length;
    }
  }
}

function tooMany(retryAfter: number): ProblemError {
  return problem('too-many-requests', {
    detail: `More records are on their way than can be taken now. Nothing was taken; send again in ${retryAfter} s.`,
    retryAfter,
  });
}
