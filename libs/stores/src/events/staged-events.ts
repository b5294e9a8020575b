import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Database } from '../database.js';
import { figuresKeyOf } from '../computed-attributes/figures-document.js';
import { FiguresMarks } from '../computed-attributes/figures-marks.js';
import { newSessions, TransactionRunner } from '../identity-graph/transaction-runner.js';
import { storedEventId, type EventDocument } from './event-document.js';

/**
 * Moves the events of a batch that has replaced others to the ids under which repeats of them are looked for. Until then
 * they stand beside the events that they replace.
 */
export class StagedEvents {
  private readonly events: Collection<EventDocument>;
  private readonly runner: TransactionRunner;
  private readonly marks: FiguresMarks;

  constructor(database: Database) {
    this.events = database.collection('events');
    this.marks = new FiguresMarks(database);
    this.runner = new TransactionRunner(newSessions(database.client), { concurrency: 1, attempts: 64 });
  }

  /**
   * Moves some of them, all at once: a reader sees each event once, here or there. An event that is also known from
   * elsewhere stays as whichever was accepted first.
   *
   * @param predecessors batches whose events give way.
   * @returns how many were moved; 0 when none is left.
   */
  async settleSome(tenant: Tenant, batchId: string, predecessors: readonly string[], limit = 500): Promise<number> {
    const { results } = await this.runner.run([[undefined]], async (_tasks, session) =>
      this.settle(tenant, batchId, predecessors, limit, session),
    );
    return results[0] ?? 0;
  }

  private async settle(
    tenant: Tenant,
    batchId: string,
    predecessors: readonly string[],
    limit: number,
    session: ClientSession,
  ): Promise<number> {
    const owner = { tenant: tenantKey(tenant) };
    const staged = await this.events
      .find({ ...owner, batchId, staged: true }, { session })
      .limit(limit)
      .toArray();
    if (staged.length === 0) return 0;
    const ids = staged.map(({ datasetId, eventId }) => storedEventId(datasetId, eventId));
    const found = await this.events
      .find(
        { ...owner, _id: { $in: ids } },
        { session, projection: { order: 1, batchId: 1, datasetId: 1, xids: 1, time: 1 } },
      )
      .toArray();
    const holders = new Map(found.map((holder) => [holder._id, holder]));
    const moved = staged.flatMap(({ staged: _staged, ...event }) => {
      const _id = storedEventId(event.datasetId, event.eventId);
      const holder = holders.get(_id);
      const givesWay = !holder || predecessors.includes(holder.batchId ?? '') || holder.order > event.order;
      return givesWay ? [{ ...event, _id }] : [];
    });
    if (moved.length > 0) {
      const replaced = moved.flatMap(({ _id }) => holders.get(_id) ?? []);
      await this.marks.mark(tenant, replaced.map(figuresKeyOf), session);
      await this.events.bulkWrite(
        moved.map((event) => ({
          replaceOne: { filter: { _id: event._id, ...owner }, replacement: event, upsert: true },
        })),
        { session },
      );
    }
    await this.events.deleteMany({ ...owner, _id: { $in: staged.map(({ _id }) => _id) } }, { session });
    return staged.length;
  }
}
