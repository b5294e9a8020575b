import { tenantKey, type Outcome, type Tenant } from '@tessera/contracts';
import type { IncomingMessage } from '@tessera/messaging';
import type { DeadLetterStore, Ledger } from '@tessera/stores';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import { toDeadLetter } from './dead-letters.js';
import { isRejection, readArrival, type MessageArrival, type Rejection } from './message-arrival.js';
import type { RecordReader } from './record-reader.js';
import type { RecordWriter } from './record-writer.js';

export interface RecordHandlerParts {
  readonly reader: RecordReader;
  readonly writer: RecordWriter;
  readonly deadLetters: DeadLetterStore;
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
    const arrivals: MessageArrival[] = [];
    const rejections: Rejection[] = [];
    for (const message of messages) {
      const read = readArrival(message, maxBytes);
      if (isRejection(read)) rejections.push(read);
      else arrivals.push(read);
    }
    const { readable, refused, passedOver } = await reader.read(arrivals);
    for (const { arrival, reason, faults } of refused) rejections.push({ ...arrival, reason, faults });
    const outcomes = new Map<IncomingMessage, Outcome>();
    for (const { message } of passedOver) outcomes.set(message, { kind: 'applied', effect: 'not-enabled' });
    for (const [{ message }, outcome] of await writer.write(readable)) outcomes.set(message, outcome);
    await this.reject(rejections, outcomes);
    await this.count(messages, arrivals, rejections, outcomes);
  }

  /** Puts aside a record that fails although its neighbours do not. */
  async handlePoison(message: IncomingMessage): Promise<void> {
    const read = readArrival(message, this.parts.maxBytes);
    const { tenant, datasetId } = read;
    const faults = [{ path: '', message: 'the record could not be handled; the log of the ingestion worker says why' }];
    const rejection: Rejection = {
      message,
      ...(tenant && { tenant }),
      ...(datasetId !== undefined && { datasetId }),
      reason: 'handling-failed',
      faults,
    };
    const outcomes = new Map<IncomingMessage, Outcome>();
    await this.reject([rejection], outcomes);
    await this.count([message], [], [rejection], outcomes);
  }

  private async reject(rejections: readonly Rejection[], outcomes: Map<IncomingMessage, Outcome>): Promise<void> {
    const { topic, deadLetterRetentionDays } = this.parts;
    const now = new Date();
    await this.parts.deadLetters.put(
      rejections.map((rejection) => toDeadLetter(rejection, topic, deadLetterRetentionDays, now)),
    );
    for (const { message, reason, faults } of rejections)
      outcomes.set(message, { kind: 'dead-letter', reason, faults });
  }

  private async count(
    messages: readonly IncomingMessage[],
    arrivals: readonly MessageArrival[],
    rejections: readonly Rejection[],
    outcomes: ReadonlyMap<IncomingMessage, Outcome>,
  ): Promise<void> {
    const origin = new Map<IncomingMessage, { tenant?: Tenant; datasetId?: string }>();
    for (const arrival of arrivals) origin.set(arrival.message, arrival);
    for (const rejection of rejections) origin.set(rejection.message, rejection);
    const entries = messages.map((message) => {
      const { tenant, datasetId = '' } = origin.get(message) ?? {};
      const outcome = outcomes.get(message);
      if (!outcome) throw new Error('a record ended without an outcome');
      const { partition, offset } = message;
      return { tenant: tenant ? tenantKey(tenant) : '', datasetId, partition, offset, outcome };
    });
    await this.parts.ledger.record(this.parts.topic, entries);
    this.parts.metrics.counted(entries);
  }
}
