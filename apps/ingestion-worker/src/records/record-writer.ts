import { tenantKey, topics, type Outcome } from '@tessera/contracts';
import type { Producer } from '@tessera/messaging';
import type { EventWriter, FragmentWriter } from '@tessera/stores';
import type { IngestionMetrics } from '../ingestion-metrics.js';
import type { Arrival } from './arrival.js';
import { evidenceMessages } from './evidence.js';
import { eventOutcomes, fragmentOutcomes, planWrites } from './plan.js';
import type { Readable } from './readable.js';

export interface RecordWriterParts {
  readonly fragments: FragmentWriter;
  readonly events: EventWriter;
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
    const { fragments, events, producer, metrics } = this.parts;
    const plan = planWrites(records);
    const [effects, takers] = await metrics.timeWrites(
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
    const concluded = [
      ...plan.fragments.flatMap((planned, index) => fragmentOutcomes(planned, effects[index] ?? 'stored')),
      ...plan.events.flatMap((planned, index) => eventOutcomes(planned, takers[index] ?? planned.write.order)),
    ];
    for (const [arrival, outcome] of concluded) outcomes.set(arrival, outcome);
    await producer.send(topics.identityEvidence, evidenceMessages(tenant, records));
    metrics.read(records);
  }
}
