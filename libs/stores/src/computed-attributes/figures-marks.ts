import type { ClientSession, Collection, Filter } from 'mongodb';
import { tenantKey, tenantOfKey, type Tenant } from '@tessera/contracts';
import { available, inRounds, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import { figuresId, type FiguresDocument, type FiguresMark } from './figures-document.js';

/** Later than any mark before: the server's clock, or one more. */
const raised = { $max: [{ $add: [{ $ifNull: ['$wanted', 0] }, 1] }, { $toLong: '$$NOW' }] };

/** Hours that were marked before are still to be counted; where no hours were named all are. */
const moreHours = (hours: readonly number[] | undefined) => {
  if (hours === undefined) return '$$REMOVE';
  const known = { $ifNull: ['$dirtyHours', { $cond: ['$dirty', null, []] }] };
  const more = { $setUnion: [known, { $literal: [...hours] }] };
  return { $cond: [{ $eq: [known, null] }, '$$REMOVE', more] };
};

/** Anything of them may have changed. */
const markedWhole = [{ $set: { wanted: raised, dirty: true, dirtyHours: moreHours(undefined) } }];

/** Figures that wait to be counted. */
export interface WaitingFigures {
  readonly id: string;
  /** Identities that their events carry. */
  readonly xids: readonly string[];
}

/**
 * Notes whose events may have changed. From then on readers count those events themselves, so that they are right before
 * the figures are counted anew.
 */
export class FiguresMarks {
  private readonly figures: Collection<FiguresDocument>;

  constructor(database: Database) {
    this.figures = database.collection('computed_figures');
  }

  /**
   * Marks figures, those that do not exist yet included, in one bulk write.
   *
   * @returns their ids.
   */
  async mark(tenant: Tenant, marks: readonly FiguresMark[], session?: ClientSession): Promise<readonly string[]> {
    const byId = Map.groupBy(marks, (mark) => figuresId(tenant, mark));
    const operations = [...byId].map(([_id, some]) => ({
      updateOne: {
        filter: { _id, tenant: tenantKey(tenant) },
        update: [
          {
            $set: {
              ...placeOf(some),
              wanted: raised,
              computed: { $ifNull: ['$computed', 0] },
              dirty: true,
              dirtyHours: moreHours(hoursOf(some)),
            },
          },
        ],
        upsert: true,
      },
    }));
    if (session) {
      if (operations.length > 0) await this.figures.bulkWrite(operations, { session });
      return [...byId.keys()];
    }
    await inRounds(operations, async (pending) => {
      // Two upserts of one key at once: the one that was refused finds it the next time.
      const refused = await unorderedBulk(this.figures, [...pending]);
      return refused.flatMap((index) => pending[index] ?? []);
    });
    return [...byId.keys()];
  }

  /**
   * Marks everything that events of some identities, of a dataset or of a batch were counted in: to be called when such
   * events are gone, or are seen or hidden from now on. Repeating it does no harm.
   */
  async markAll(
    tenant: Tenant,
    of: { readonly xids: readonly string[] } | { readonly datasetId: string } | { readonly batchId: string },
  ): Promise<void> {
    const filter: Filter<FiguresDocument> =
      'xids' in of
        ? { xids: { $in: [...of.xids] } }
        : 'batchId' in of
          ? { batches: { $eq: of.batchId } }
          : { datasetId: { $eq: of.datasetId } };
    await available(this.figures.updateMany({ tenant: tenantKey(tenant), ...filter }, markedWhole));
  }

  /**
   * Figures of any tenant that wait for longer than some milliseconds to be counted, and those of which events may have left
   * the disk, which are marked with it.
   */
  async waiting(longerThan: number, limit: number): Promise<readonly (readonly [Tenant, readonly WaitingFigures[]])[]> {
    const now = Date.now();
    const projection = { tenant: 1, xids: 1 };
    const left = { dirty: { $exists: false }, expires: { $lt: now - LEAVES_WITHIN } };
    const [dirty, expired] = await available(
      Promise.all([
        this.figures.find({ dirty: true, wanted: { $lt: now - longerThan } }, { projection, limit }).toArray(),
        this.figures.find(left, { projection, limit }).toArray(),
      ]),
    );
    if (expired.length > 0) {
      await available(this.figures.updateMany({ _id: { $in: expired.map(({ _id }) => _id) } }, markedWhole));
    }
    const byTenant = Map.groupBy([...dirty, ...expired], ({ tenant }) => tenant);
    return [...byTenant].map(
      ([key, some]) => [tenantOfKey(key), some.map(({ _id, xids }) => ({ id: _id, xids }))] as const,
    );
  }
}

/** Marks of one key name the same place. */
function placeOf(marks: readonly FiguresMark[]) {
  const [{ datasetId, xids, day }] = marks as readonly [FiguresMark];
  return { datasetId: { $literal: datasetId }, xids: { $literal: [...new Set(xids.toSorted())] }, day };
}

/** All hours of some marks; undefined where one of them names none. */
function hoursOf(marks: readonly FiguresMark[]): readonly number[] | undefined {
  const hours = new Set<number>();
  for (const mark of marks) {
    if (mark.hours === undefined) return undefined;
    for (const hour of mark.hours) hours.add(hour);
  }
  return [...hours];
}

/** MongoDB removes what has expired once a minute, or a little later when it is busy. */
const LEAVES_WITHIN = 180_000;
