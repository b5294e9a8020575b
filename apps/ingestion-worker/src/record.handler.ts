import { tenantKey, topics, type Outcome, type Tenant } from '@tessera/contracts';
import { readRecord, type RecordLimits } from '@tessera/domain';
import type { IncomingMessage, Producer } from '@tessera/messaging';
import type {
  DatasetReader,
  DeadLetterStore,
  EventWriter,
  FragmentWriter,
  Ledger,
  StoredDataset,
} from '@tessera/stores';
import { isRejection, readArrival, type Arrival, type Rejection } from './arrival.js';
import { toDeadLetter } from './dead-letters.js';
import { evidenceMessages, type Witness } from './evidence.js';
import type { IngestionMetrics } from './ingestion-metrics.js';
import type { NamespaceCatalogue } from './namespaces.js';
import { foldedOutcome, planWrites } from './plan.js';

export interface RecordHandlerParts {
  readonly datasets: DatasetReader;
  readonly namespaces: NamespaceCatalogue;
  readonly fragments: FragmentWriter;
  readonly events: EventWriter;
  readonly deadLetters: DeadLetterStore;
  readonly ledger: Ledger;
  readonly producer: Producer;
  readonly metrics: IngestionMetrics;
  /** Full name of the record topic, as dead letters and the ledger keep it. */
  readonly topic: string;
  readonly maxBytes: number;
  readonly limits: RecordLimits;
  readonly deadLetterRetentionDays: number;
}

/**
 * Applies records: a whole batch, of several partitions, with a handful of bulk writes. Every step may be repeated, so a batch
 * that is delivered again after a crash ends in the same state and the same counts.
 */
export class RecordHandler {
  constructor(private readonly parts: RecordHandlerParts) {}

  /** @throws UnavailableError while a store or the broker is down; nothing is lost by calling again. */
  async handle(messages: readonly IncomingMessage[]): Promise<void> {
    const outcomes = new Map<IncomingMessage, Outcome>();
    const arrivals: Arrival[] = [];
    const rejections: Rejection[] = [];
    for (const message of messages) {
      const read = readArrival(message, this.parts.maxBytes);
      if (isRejection(read)) rejections.push(read);
      else arrivals.push(read);
    }
    const datasets = await this.parts.datasets.findMany([...new Set(arrivals.map(({ datasetId }) => datasetId))]);
    const byTenant = Map.groupBy(arrivals, ({ tenant }) => tenantKey(tenant));
    for (const group of byTenant.values()) {
      const { witnesses, refused } = await this.read(group, datasets, outcomes);
      rejections.push(...refused);
      await this.write(witnesses, outcomes);
    }
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

  /** Sorts one tenant's arrivals into records to write and records to reject. */
  private async read(
    arrivals: readonly Arrival[],
    datasets: ReadonlyMap<string, StoredDataset>,
    outcomes: Map<IncomingMessage, Outcome>,
  ): Promise<{ witnesses: Witness[]; refused: Rejection[] }> {
    const tenant = (arrivals[0] as Arrival).tenant;
    return this.parts.namespaces.with(tenant, (namespaces) => {
      const witnesses: Witness[] = [];
      const refused: Rejection[] = [];
      for (const arrival of arrivals) {
        const { message, datasetId, operation, acceptance } = arrival;
        const refuse = (reason: Rejection['reason'], faults: Rejection['faults']) =>
          refused.push({ message, tenant, datasetId, reason, faults });
        const dataset = ownDataset(datasets.get(datasetId), tenant);
        if (!dataset) {
          refuse('unknown-dataset', [{ path: '/header/datasetId', message: 'is no dataset of this sandbox' }]);
          continue;
        }
        const { rules } = dataset;
        if (!rules.profile) {
          outcomes.set(message, { kind: 'applied', effect: 'not-enabled' });
          continue;
        }
        if (operation === 'merge' || (rules.upsert && operation === 'create')) {
          refuse('unsupported-operation', [
            { path: '/header/operations/data', message: 'partial updates are not applied by this version' },
          ]);
          continue;
        }
        const { behavior } = rules;
        const { limits } = this.parts;
        const { acceptedAt } = acceptance;
        const context = { tenant, behavior, operation, acceptedAt, namespaces, limits };
        const record = readRecord(arrival.envelope.body.xdmEntity, context);
        if (record.ok) witnesses.push({ arrival, record, schemaId: dataset.schemaRef.id, links: rules.identity });
        else refuse(record.reason, record.faults);
      }
      return { witnesses, refused };
    });
  }

  private async write(witnesses: readonly Witness[], outcomes: Map<IncomingMessage, Outcome>): Promise<void> {
    const tenant = witnesses[0]?.arrival.tenant;
    if (!tenant) return;
    const { fragments, events, producer, metrics } = this.parts;
    const plan = planWrites(witnesses);
    const [effects, repeats] = await metrics.timeWrites(
      Promise.all([
        fragments.apply(
          tenant,
          plan.fragments.map(({ write }) => write),
        ),
        events.apply(
          tenant,
          plan.events.map(({ write }) => write),
        ),
      ]),
    );
    plan.fragments.forEach(({ from, folded }, index) => {
      outcomes.set(from.arrival.message, { kind: 'applied', effect: effects[index] ?? 'stored' });
      for (const overtaken of folded) outcomes.set(overtaken.arrival.message, foldedOutcome(overtaken));
    });
    plan.events.forEach(({ from, folded }, index) => {
      const duplicate = repeats[index] === 'duplicate';
      outcomes.set(from.arrival.message, duplicate ? { kind: 'duplicate' } : { kind: 'applied', effect: 'stored' });
      for (const overtaken of folded) outcomes.set(overtaken.arrival.message, foldedOutcome(overtaken));
    });
    await producer.send(topics.identityEvidence, evidenceMessages(tenant, witnesses));
    metrics.read(witnesses);
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
    arrivals: readonly Arrival[],
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

function ownDataset(dataset: StoredDataset | undefined, tenant: Tenant): StoredDataset | undefined {
  return dataset && tenantKey(dataset.tenant) === tenantKey(tenant) ? dataset : undefined;
}
