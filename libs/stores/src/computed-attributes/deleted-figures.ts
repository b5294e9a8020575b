import type { Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { FiguresDocument } from './figures-document.js';
import { FiguresMarks } from './figures-marks.js';

/** Whose events are gone. */
export type FiguresOf =
  { readonly xids: readonly string[] } | { readonly datasetId: string } | { readonly batchId: string };

/** Figures in which events were counted that are deleted. */
export class DeletedFigures {
  private readonly figures: Collection<FiguresDocument>;
  private readonly marks: FiguresMarks;

  constructor(database: Database) {
    this.figures = database.collection('computed_figures');
    this.marks = new FiguresMarks(database);
  }

  /** Makes figures counted before a moment (epoch ms) count as outdated, to be counted anew. @returns how many. */
  async outdate(tenant: Tenant, of: FiguresOf, before: number): Promise<number> {
    const count = await this.count(tenant, of, before);
    await this.marks.markAll(tenant, of);
    return count;
  }

  /** How many figures counted before a moment (epoch ms) are still shown: readers pass over those that are marked. */
  async count(tenant: Tenant, of: FiguresOf, before: number): Promise<number> {
    const which: Filter<FiguresDocument> =
      'xids' in of
        ? { xids: { $in: [...of.xids] } }
        : 'batchId' in of
          ? { batches: of.batchId }
          : { datasetId: of.datasetId };
    const shown = { tenant: tenantKey(tenant), computed: { $lt: before }, dirty: { $exists: false } };
    return available(this.figures.countDocuments({ ...which, ...shown }));
  }
}
