import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { figuresKeyOf } from '../computed-attributes/figures-document.js';
import { FiguresMarks } from '../computed-attributes/figures-marks.js';
import { newSessions, TransactionRunner } from '../identity-graph/transaction-runner.js';
import { heldEventId, storedEventId, type EventDocument } from './event-document.js';
import { EventWriter } from './event-writer.js';

/**
 * Moves the events of a batch that has replaced others to the ids under which repeats of them are looked for. Until then
 * they stand beside the events that they replace.
 */
export class StagedEvents {
  private readonly events: Collection<EventDocument>;
  private readonly runner: TransactionRunner;
  private readonly writer: EventWriter;
  private readonly marks: FiguresMarks;

  constructor(database: Database) {
    this.events = database.collection('events');
    this.writer = new EventWriter(database);
    this.marks = new FiguresMarks(database);
    this.runner = new TransactionRunner(newSessions(database.client), { concurrency: 1, attempts: 64 });
  }

  /**
   * Moves some of them, all at once: a reader sees each event once, here or there. An event that is also known from
   * elsewhere stays as whichever was accepted first.
   *
   * @param predecessors batches whose events give way.
   * @returns how many were looked at; 0 when none is left.
   */
  async settleSome(tenant: Tenant, batchId: string, predecessors: readonly string[], limit = 500): Promise<number> {
    const { results } = await this.runner.run([[undefined]], async (_tasks, session) =>
      this.settle(tenant, batchId, predecessors, limit, session),
    );
    const { count = 0, repeats = [] } = results[0] ?? {};
    if (repeats.length > 0) {
      const writes = repeats.map(({ _id, tenant: _tenant, staged: _staged, ...write }) => write);
      await this.writer.apply(tenant, writes);
      await this.remove(tenant, repeats);
    }
    return count;
  }

  private async settle(
    tenant: Tenant,
    batchId: string,
    predecessors: readonly string[],
    limit: number,
    session: ClientSession,
  ): Promise<Settled> {
    const owner = { tenant: tenantKey(tenant) };
    const staged = await this.events
      .find({ ...owner, batchId, staged: true }, { session })
      .limit(limit)
      .toArray();
    const ids = staged.map(({ datasetId, eventId }) => storedEventId(datasetId, eventId));
    const found = await this.events
      .find(
        { ...owner, _id: { $in: ids } },
        { session, projection: { order: 1, batchId: 1, datasetId: 1, xids: 1, time: 1 } },
      )
      .toArray();
    const holders = new Map(found.map((holder) => [holder._id, holder]));
    const isReplaced = ({ batchId: by = '' }: Pick<EventDocument, 'batchId'>) => predecessors.includes(by);
    const givesWay = ({ datasetId, eventId, order }: EventDocument) => {
      const holder = holders.get(storedEventId(datasetId, eventId));
      return !holder || isReplaced(holder) || holder.order > order;
    };
    const moved = staged.filter(givesWay);
    if (moved.length > 0) {
      const replaced = moved.flatMap(({ datasetId, eventId }) => holders.get(storedEventId(datasetId, eventId)) ?? []);
      await this.marks.mark(tenant, replaced.map(figuresKeyOf), session);
      const repeats = replaced.filter((holder) => !isReplaced(holder)).map(({ _id }) => _id);
      await this.hold(tenant, batchId, repeats, session);
      await this.events.bulkWrite(
        moved.map(({ staged: _staged, ...event }) => {
          const _id = storedEventId(event.datasetId, event.eventId);
          return { replaceOne: { filter: { _id, ...owner }, replacement: { ...event, _id }, upsert: true } };
        }),
        { session },
      );
      await this.remove(tenant, moved, session);
    }
    return { count: staged.length, repeats: staged.filter((event) => !givesWay(event)) };
  }

  /** Holds events that the batch's have the place of, and that would be back if the batch had never been. */
  private async hold(tenant: Tenant, heldBy: string, ids: readonly string[], session: ClientSession): Promise<void> {
    if (ids.length === 0) return;
    const found = await this.events.find({ tenant: tenantKey(tenant), _id: { $in: [...ids] } }, { session }).toArray();
    await this.events.insertMany(
      found.map((event) => ({ ...event, _id: heldEventId(event.datasetId, event.eventId, event.order), heldBy })),
      { session },
    );
  }

  private async remove(tenant: Tenant, events: readonly EventDocument[], session?: ClientSession): Promise<void> {
    const filter = { tenant: tenantKey(tenant), _id: { $in: events.map(({ _id }) => _id) } };
    await available(this.events.deleteMany(filter, { ...(session && { session }) }));
  }
}

interface Settled {
  readonly count: number;
  /** Events that somebody else's go before, still staged. */
  readonly repeats: readonly EventDocument[];
}
