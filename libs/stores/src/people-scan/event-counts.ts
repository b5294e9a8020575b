import type { Collection, Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Database } from '../database.js';
import type { EventDocument } from '../events/event-document.js';
import { EventVisibilityReader, visibleEvents, type EventVisibility } from '../profile-reads/event-visibility.js';
import { Snapshots, snapshotTime, type Snapshot } from './snapshots.js';

/** Events of one dataset that carry exactly the same identities. */
export interface EventCount {
  readonly datasetId: string;
  /** All identities of these events, the primary one first, also those of others than the people asked about. */
  readonly xids: readonly string[];
  readonly count: number;
  /** Epoch ms of the newest one's timestamp. */
  readonly newest: number;
  /** Epoch ms at which the last of them was accepted. */
  readonly acceptedAt: number;
}

/** Identities of one question. */
const SLICE = 2_000;

/** Counts the events of scanned people, at the snapshot of the scan. */
export class EventCounts {
  private readonly events: Collection<EventDocument>;
  private readonly visibilities: EventVisibilityReader;
  private readonly snapshots: Snapshots;

  constructor(database: Database) {
    this.events = database.collection('events');
    this.visibilities = new EventVisibilityReader(database);
    this.snapshots = new Snapshots(database);
  }

  /** Which events were visible at a snapshot; the same for every read of it. @throws SnapshotExpiredError, UnavailableError. */
  visibility(tenant: Tenant, snapshot: Snapshot): Promise<EventVisibility> {
    const time = snapshotTime(snapshot);
    return this.snapshots.with(snapshot, (read) => this.visibilities.read(tenant, { read, time }));
  }

  /**
   * The visible events of some identities, grouped: each event is in one group, so sums count it once.
   *
   * @param xids some hundred.
   * @param gone conditions of events that count no longer, as `FencedOff.goneEvents` gives them.
   * @throws SnapshotExpiredError, UnavailableError.
   */
  async of(
    tenant: Tenant,
    xids: readonly string[],
    visibility: EventVisibility,
    snapshot: Snapshot,
    gone: readonly Document[] = [],
  ): Promise<EventCount[]> {
    const groups = new Map<string, EventCount>();
    for (let from = 0; from < xids.length; from += SLICE) {
      const some = xids.slice(from, from + SLICE);
      const found = await this.snapshots.with(snapshot, (read) =>
        this.events
          .aggregate<EventCount>(
            [
              { $match: { tenant: tenantKey(tenant), xids: { $in: some }, ...visibleEvents(visibility) } },
              ...(gone.length > 0 ? [{ $match: { $nor: gone } }] : []),
              {
                $group: {
                  _id: { datasetId: '$datasetId', xids: '$xids' },
                  count: { $sum: 1 },
                  newest: { $max: '$time' },
                  acceptedAt: { $max: '$acceptedAt' },
                },
              },
              {
                $project: {
                  _id: 0,
                  datasetId: '$_id.datasetId',
                  xids: '$_id.xids',
                  count: 1,
                  newest: 1,
                  acceptedAt: 1,
                },
              },
            ],
            { ...read },
          )
          .toArray(),
      );
      // The same group is found in two slices when its identities are; it is whole in both.
      for (const group of found) groups.set(`${group.datasetId} ${group.xids.join(' ')}`, group);
    }
    return [...groups.values()];
  }
}
