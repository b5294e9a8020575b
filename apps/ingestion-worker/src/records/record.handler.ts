import { deadTopic, recordHeaders, tenantKey, topics, type Outcome } from '@tessera/contracts';
import type { IncomingMessage, Producer } from '@tessera/messaging';
import type { DeadLetterReplays, DeadLetterStore, Ledger, RejectedReplay } from '@tessera/stores';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import { rejectionNotice, toDeadLetter } from './dead-letters.js';
import { isArrival, isRejection, readArrival, type MessageArrival, type Rejection } from './message-arrival.js';
import type { RecordReader } from './record-reader.js';
import type { RejectedTenants } from './rejected-tenants.js';
import type { RecordWriter } from './record-writer.js';
import { appliedReplays, rejectedReplay, replaysAmong, type ReplayedMessages } from './replays.js';

export interface RecordHandlerParts {
  readonly reader: RecordReader;
  readonly tenants: RejectedTenants;
  readonly writer: RecordWriter;
  readonly deadLetters: DeadLetterStore;
  readonly replays: DeadLetterReplays;
  readonly producer: Producer;
  readonly ledger: Ledger;
  readonly metrics: IngestionMetrics;
  /** Full name of the record topic, as dead letters and the ledger keep it. */
  readonly topic: string;
  readonly maxBytes: number;
  readonly deadLetterRetentionDays: number;
}

/**
 * Applies the records of the record topic: a whole batch, of several partitions. Every step may be repeated, so a batch
 * that is delivered again after a crash ends in the same state and the same counts.
 */
export class RecordHandler {
  constructor(private readonly parts: RecordHandlerParts) {}

  /** @throws UnavailableError while a store or the broker is down; nothing is lost by calling again. */
  async handle(messages: readonly IncomingMessage[]): Promise<void> {
    const { reader, writer, maxBytes } = this.parts;
    const replays = await replaysAmong(messages, this.parts.replays);
    const reads = messages.map((message) => readArrival(message, maxBytes));
    const fresh = reads.filter(({ message }) => !replays.overtaken.has(message));
    const { readable, refused, passedOver, deleted } = await reader.read(fresh.filter(isArrival));
    const rejections = await this.parts.tenants.checked([
      ...fresh.filter(isRejection),
      ...refused.map(({ arrival, reason, faults }): Rejection => ({ ...arrival, reason, faults })),
    ]);
    const outcomes = new Map<IncomingMessage, Outcome>();
    for (const message of replays.overtaken) outcomes.set(message, { kind: 'duplicate' });
    for (const { message } of passedOver) outcomes.set(message, { kind: 'applied', effect: 'not-enabled' });
    for (const { message } of deleted) outcomes.set(message, { kind: 'applied', effect: 'deleted' });
    for (const [{ message }, outcome] of await writer.write(readable)) outcomes.set(message, outcome);
    for (const { message, reason, faults } of rejections) {
      outcomes.set(message, { kind: 'dead-letter', reason, faults });
    }
    await this.conclude({ reads, rejections, outcomes, replays });
  }

  /** Puts aside a record that fails although its neighbours do not. */
  async handlePoison(message: IncomingMessage): Promise<void> {
    const read = readArrival(message, this.parts.maxBytes);
    const replays = await replaysAmong([message], this.parts.replays);
    const { tenant, datasetId } = read;
    const reason = 'handling-failed';
    const faults = [{ path: '', message: 'the record could not be handled; the log of the ingestion worker says why' }];
    const rejection: Rejection = {
      message,
      ...(tenant && { tenant }),
      ...(datasetId !== undefined && { datasetId }),
      reason,
      faults,
    };
    const rejections = await this.parts.tenants.checked([rejection]);
    const outcomes = new Map<IncomingMessage, Outcome>(
      rejections.map((one) => [message, { kind: 'dead-letter', reason: one.reason, faults: one.faults }]),
    );
    await this.conclude({ reads: [read], rejections, outcomes, replays });
  }

  /**
   * Keeps what failed, tells its producers, counts everything, and only then ends the replays: interrupted before, all of it has the same
   * outcome when it is done again.
   */
  private async conclude({ reads, rejections, outcomes, replays }: Handled): Promise<void> {
    const { topic, deadLetterRetentionDays: days, deadLetters, producer } = this.parts;
    const now = new Date();
    const rejectedReplays: RejectedReplay[] = [];
    const firstRejections: Rejection[] = [];
    for (const rejection of rejections) {
      const replay = replays.all.get(rejection.message);
      if (!replay) firstRejections.push(rejection);
      else if (!replays.overtaken.has(rejection.message)) {
        rejectedReplays.push(rejectedReplay(replay, rejection, days, now));
      }
    }
    await deadLetters.put(firstRejections.map((rejection) => toDeadLetter(rejection, topic, days, now)));
    const notices = rejections.map((rejection) =>
      rejectionNotice(rejection, topic, replays.all.get(rejection.message)),
    );
    await producer.send(deadTopic(topics.record), notices);
    await this.count(reads, rejections, outcomes, replays);
    await this.parts.replays.end(appliedReplays(replays, outcomes), rejectedReplays);
  }

  private async count(
    reads: readonly (MessageArrival | Rejection)[],
    rejections: readonly Rejection[],
    outcomes: ReadonlyMap<IncomingMessage, Outcome>,
    replays: ReplayedMessages,
  ): Promise<void> {
    const rejectedAs = new Map(rejections.map((rejection) => [rejection.message, rejection]));
    const counted = reads.map((read) => {
      const { message } = read;
      const { tenant, datasetId = '' } = rejectedAs.get(message) ?? read;
      const outcome = outcomes.get(message);
      if (!outcome) throw new Error('a record ended without an outcome');
      const { partition, offset } = message;
      const replayed = replays.all.has(message);
      // Nobody's have no dataset either: whatever they name would be a document, and a series of its own.
      const owner = tenant ? { tenant: tenantKey(tenant), datasetId } : { tenant: '', datasetId: '' };
      return { message, tenant, entry: { ...owner, partition, offset, outcome, replayed } };
    });
    const entries = counted.map(({ entry }) => entry);
    await this.parts.ledger.record(this.parts.topic, entries);
    this.parts.metrics.counted(entries);
    for (const { message, tenant, entry } of counted) {
      const isOthers = !entry.replayed && message.header(recordHeaders.stamp) === undefined;
      if (isOthers && tenant) this.parts.metrics.accepted(tenant, entry.datasetId, 1);
    }
  }
}

/** Messages with what became of them. */
interface Handled {
  readonly reads: readonly (MessageArrival | Rejection)[];
  readonly rejections: readonly Rejection[];
  readonly outcomes: ReadonlyMap<IncomingMessage, Outcome>;
  readonly replays: ReplayedMessages;
}
