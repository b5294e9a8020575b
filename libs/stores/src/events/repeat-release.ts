import type { Tenant } from '@tessera/contracts';
import { figuresMarkOf, type FiguresMark } from '../computed-attributes/figures-document.js';
import { FiguresMarks } from '../computed-attributes/figures-marks.js';
import type { Database } from '../database.js';
import { DeletionFences } from '../deletions/deletion-fences.js';
import type { FenceTable } from '../deletions/fence-table.js';
import { TouchedIdentities } from '../deletions/touched-identities.js';
import { DeletedHolders } from './deleted-holders.js';
import { storedEventId, type EventDocument } from './event-document.js';
import { EventWriter } from './event-writer.js';
import { HeldRepeats } from './held-repeats.js';
import { HiddenBatches } from './hidden-batches.js';

/** Repeats put in the place of what they repeat in one step. */
const STEP = 500;

/** Lets repeats of a batch's events be events once those are gone (ADR 67). */
export class RepeatRelease {
  private readonly repeats: HeldRepeats;
  private readonly writer: EventWriter;
  private readonly fences: DeletionFences;
  private readonly deletedHolders: DeletedHolders;
  private readonly marks: FiguresMarks;

  constructor(database: Database) {
    this.repeats = new HeldRepeats(database);
    this.writer = new EventWriter(database);
    this.fences = new DeletionFences(database);
    this.deletedHolders = new DeletedHolders({
      fences: this.fences,
      hidden: new HiddenBatches(database),
      touched: new TouchedIdentities(database),
    });
    this.marks = new FiguresMarks(database);
  }

  /**
   * Releases some: the first accepted of those of one event is stored, the next ones are its repeats. To be called while the
   * batch is hidden and once its events are gone. May be repeated, also at several places at once.
   *
   * @param before told whom they are about, before anybody sees them; what it throws keeps them held.
   * @returns how many it looked at; 0 when none is left.
   * @throws UnavailableError
   */
  async releaseSome(
    tenant: Tenant,
    batchId: string,
    before: (xids: readonly string[]) => Promise<void>,
    limit = STEP,
  ): Promise<number> {
    const held = await this.repeats.of(tenant, batchId, limit);
    if (held.length === 0) return 0;
    const fences = await this.fences.readFor(tenant, held);
    const deleted = await this.deletedHolders.among(tenant, held, fences);
    const firsts = firstAccepted(held.filter((repeat) => !deleted.has(repeat)));
    await before([...new Set(firsts.flatMap(({ xids }) => xids))]);
    await this.store(tenant, firsts);
    await this.takeBackDeleted(tenant, firsts, fences);
    await this.repeats.drop(tenant, batchId, [...deleted, ...firsts]);
    return held.length;
  }

  private async store(tenant: Tenant, repeats: readonly EventDocument[]): Promise<void> {
    if (repeats.length === 0) return;
    const writes = repeats.map(({ _id, tenant: _tenant, heldBy: _heldBy, ...write }) => write);
    const marks: FiguresMark[] = writes.map(figuresMarkOf);
    await this.writer.apply(tenant, writes, {
      displaced: ({ datasetId }, positions) =>
        marks.push(...positions.map((position) => figuresMarkOf({ datasetId, ...position }))),
      deletedAmong: (holders) => this.deletedHolders.among(tenant, holders),
    });
    await this.marks.mark(tenant, marks);
  }

  /** A deletion that began meanwhile, and may have ended, may have looked for the repeats before they were events. */
  private async takeBackDeleted(tenant: Tenant, repeats: readonly EventDocument[], before: FenceTable): Promise<void> {
    const now = await this.fences.readFor(tenant, repeats);
    const deleted = repeats.filter((repeat) => {
      const at = now.latest(repeat, repeat.xids);
      return at >= repeat.acceptedAt && at > before.latest(repeat, repeat.xids);
    });
    await this.writer.remove(
      tenant,
      deleted.map(({ datasetId, eventId, order }) => ({ _id: storedEventId(datasetId, eventId), order })),
    );
  }
}

function firstAccepted(repeats: readonly EventDocument[]): EventDocument[] {
  const firsts = new Map<string, EventDocument>();
  for (const repeat of repeats) {
    const id = storedEventId(repeat.datasetId, repeat.eventId);
    const known = firsts.get(id);
    if (known === undefined || repeat.order < known.order) firsts.set(id, repeat);
  }
  return [...firsts.values()];
}
