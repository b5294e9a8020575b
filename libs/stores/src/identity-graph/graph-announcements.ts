import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import { tenantKey, type ProfileChange, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { graphCollections } from './graph-collections.js';
import type { AnnouncementDocument } from './graph-documents.js';

/** Changes that were made and of which nobody has said that they were published. */
export interface PendingAnnouncement {
  readonly id: string;
  readonly tenant: Tenant;
  readonly changes: readonly ProfileChange[];
}

/**
 * What changed in the graph, or of what is known of people, and is still to be published. Each transaction leaves a record
 * of its changes; whoever published them deletes it. What a publisher that died leaves behind is found here by the others.
 */
export class GraphAnnouncements {
  private readonly announcements: Collection<AnnouncementDocument>;

  constructor(database: Database) {
    this.announcements = graphCollections(database).announcements;
  }

  /** Notes changes that are about to be made. @returns the id to forget them by once they are made and published. */
  async keep({ organisation, sandbox }: Tenant, changes: readonly ProfileChange[]): Promise<string> {
    const [_id, tenant] = [randomUUID(), tenantKey({ organisation, sandbox })];
    await available(
      this.announcements.insertOne({ _id, tenant, organisation, sandbox, at: new Date(), changes: [...changes] }),
    );
    return _id;
  }

  /** Forgets changes that are published. */
  async done(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await available(this.announcements.deleteMany({ _id: { $in: [...ids] } }));
  }

  /**
   * Some of the changes whose publisher should long have reported, oldest first. Of all tenants: a worker serves them all.
   *
   * @param age milliseconds since they were made.
   */
  async overdue(age: number, limit = 100): Promise<PendingAnnouncement[]> {
    const found = this.announcements
      .find({ at: { $lt: new Date(Date.now() - age) } })
      .sort({ at: 1 })
      .limit(limit);
    return (await available(found.toArray())).map(({ _id, organisation, sandbox, changes }) => ({
      id: _id,
      tenant: { organisation, sandbox },
      changes,
    }));
  }
}
