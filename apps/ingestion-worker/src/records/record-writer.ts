import { tenantKey, topics, type Outcome, type Tenant } from '@tessera/contracts';
import { acceptanceOrder } from '@tessera/domain';
import type { Producer } from '@tessera/messaging';
import {
  type CountedTenants,
  type DeletedHolders,
  type DeletionFences,
  type EventWriter,
  type FenceStanding,
  figuresMarkOf,
  type FiguresMarks,
  fragmentId,
  heldEventId,
  type FragmentRemover,
  type FragmentWriter,
  stagedEventId,
  storedEventId,
} from '@tessera/stores';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import type { Arrival } from './arrival.js';
import type { EvidencePublisher } from './evidence-publisher.js';
import { fence } from './fencing.js';
import { eventOutcomes, fragmentOutcomes, planWrites } from './plan.js';
import type { Readable } from './readable.js';
import { storedEventsMessages, type EventPlaced } from './stored-events.js';

export interface RecordWriterParts {
  readonly fragments: FragmentWriter;
  readonly events: EventWriter;
  readonly fences: DeletionFences;
  readonly deletedHolders: DeletedHolders;
  readonly fragmentRemover: FragmentRemover;
  readonly counted: CountedTenants;
  readonly marks: FiguresMarks;
  readonly evidence: EvidencePublisher;
  readonly producer: Producer;
  readonly metrics: IngestionMetrics;
}

/**
 * Writes records and publishes what they say about identities, with a handful of bulk writes whatever their number. Every
 * step may be repeated: the same records again end in the same state and have the same outcomes.
 */
export class RecordWriter {
  constructor(private readonly parts: RecordWriterParts) {}

  /**
   * Applies records of any tenants.
   *
   * @returns what became of each.
   * @throws UnavailableError while a store or the broker is down; nothing is lost by calling again.
   */
  async write<Arrived extends Arrival>(records: readonly Readable<Arrived>[]): Promise<Map<Arrived, Outcome>> {
    const outcomes = new Map<Arrived, Outcome>();
    for (const group of Map.groupBy(records, ({ arrival }) => tenantKey(arrival.tenant)).values()) {
      await this.writeOfTenant(group, outcomes);
    }
    return outcomes;
  }

  private async writeOfTenant<Arrived extends Arrival>(
    records: readonly Readable<Arrived>[],
    outcomes: Map<Arrived, Outcome>,
  ): Promise<void> {
    const { tenant } = (records[0] as Readable<Arrived>).arrival;
    const { fragments, events, fences, evidence, metrics } = this.parts;
    await this.removeBefore(
      tenant,
      records.filter(({ fencing }) => fencing.isOpen),
    );
    const plan = planWrites(records);
    const places: EventPlaced[] = plan.events.map(({ write }) => write);
    const [effects, takers] = await metrics.timeWrites(
      Promise.all([
        fragments.apply(
          tenant,
          plan.fragments.map(({ write }) => write),
        ),
        events.apply(
          tenant,
          plan.events.map(({ write }) => write),
          {
            displaced: ({ datasetId }, positions) =>
              places.push(...positions.map((position) => ({ datasetId, ...position }))),
            deletedAmong: (holders) => this.parts.deletedHolders.among(tenant, holders),
          },
        ),
      ]),
    );
    const concluded = [
      ...plan.fragments.flatMap((planned, index) => fragmentOutcomes(planned, effects[index] ?? 'stored')),
      ...plan.events.flatMap((planned, index) => eventOutcomes(planned, takers[index] ?? planned.write.order)),
    ];
    for (const [arrival, outcome] of concluded) outcomes.set(arrival, outcome);
    const [standing, rules] = await Promise.all([fences.standing(tenant), evidence.rulesOf(tenant)]);
    const kept = await this.takeBackDeleted(tenant, records, standing, outcomes);
    await Promise.all([evidence.publish(tenant, kept, standing, rules), this.haveCounted(tenant, places, records)]);
    metrics.read(kept);
  }

  /** Has computed attributes count the events that came, or went, also those that are repeats: the first time may have been cut short. */
  private async haveCounted(
    tenant: Tenant,
    places: readonly EventPlaced[],
    records: readonly Readable[],
  ): Promise<void> {
    if (places.length === 0 || !(await this.parts.counted.has(tenant))) return;
    const acceptedAt = records.reduce((newest, { arrival }) => Math.max(newest, arrival.acceptance.acceptedAt), 0);
    // From here on whoever asks for values reads these events.
    await this.parts.marks.mark(tenant, places.map(figuresMarkOf));
    await this.parts.producer.send(topics.eventsStored, storedEventsMessages(tenant, places, acceptedAt));
  }

  /**
   * Looks again for what was deleted: a deletion that began while the records were being written may have passed by before
   * they were there.
   *
   * @param standing of the sandbox's deletions, as read after the records were written.
   * @returns the records that stand.
   */
  private async takeBackDeleted<Arrived extends Arrival>(
    tenant: Tenant,
    records: readonly Readable<Arrived>[],
    standing: FenceStanding,
    outcomes: Map<Arrived, Outcome>,
  ): Promise<readonly Readable<Arrived>[]> {
    const { fences } = this.parts;
    const seen = Math.min(...records.map(({ fencing }) => fencing.version));
    if (standing.version === seen) return records;
    const table = await fences.readFor(
      tenant,
      records.map(({ arrival: { datasetId, batchId }, record: { identities } }) => ({
        datasetId,
        batchId,
        xids: identities.map(({ xid }) => xid),
      })),
    );
    const { kept, deleted } = fence(records, table);
    await Promise.all([this.removeBefore(tenant, deleted), this.removeEvents(tenant, deleted)]);
    for (const { arrival } of deleted) outcomes.set(arrival, { kind: 'applied', effect: 'deleted' });
    return kept;
  }

  /** Removes what fragments of some records have in them from before the deletions that concern those. */
  private async removeBefore(tenant: Tenant, records: readonly Readable[]): Promise<void> {
    for (const [before, some] of Map.groupBy(records, ({ fencing }) => fencing.before)) {
      const ids = some.flatMap(({ arrival, record: { eventId, identities } }) =>
        eventId === undefined ? [fragmentId(arrival.datasetId, identities[0].xid)] : [],
      );
      await this.parts.fragmentRemover.removeAmong(tenant, [...new Set(ids)], before);
    }
  }

  /** Removes the events of some records, wherever they are; not others with the same ids. */
  private async removeEvents(tenant: Tenant, records: readonly Readable[]): Promise<void> {
    const written = records.flatMap(({ arrival, record: { eventId } }) => {
      if (eventId === undefined) return [];
      const { datasetId, batchId = '', acceptance } = arrival;
      const order = acceptanceOrder(acceptance);
      const ids = [
        storedEventId(datasetId, eventId),
        stagedEventId(datasetId, eventId, batchId),
        heldEventId(datasetId, eventId, order),
      ];
      return ids.map((_id) => ({ _id, order }));
    });
    await this.parts.events.remove(tenant, written);
  }
}
