import { randomUUID } from 'node:crypto';
import type { Collection, Document, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Interval } from '@tessera/pql';
import { available } from '../bulk.js';
import { isDuplicateKey, type Database } from '../database.js';
import type { AttributePrograms } from './attribute-programs.js';
import type { ComputedAttribute } from './computed-attribute.js';
import type { FiguresDocument } from './figures-document.js';
import { asked } from './person-values.js';

interface ClockDocument {
  readonly _id: string;
  /** Up to when passing time has been followed; epoch ms. */
  readonly until: number;
  readonly holder: string;
  /** When another worker may take it. */
  readonly heldUntil: number;
}

const MINUTE = 60_000;
const CLOCK = 'windows';
/** Milliseconds after which whoever follows the time is taken to have died. */
const HELD_FOR = 300_000;

/** Follows which events enter and leave the windows of attributes by the passing of time alone. One worker at a time. */
export class PassingTime {
  private readonly clock: Collection<ClockDocument>;
  private readonly figures: Collection<FiguresDocument>;
  private readonly holder = randomUUID();

  constructor(
    database: Database,
    private readonly programs: AttributePrograms,
  ) {
    this.clock = database.collection('computed_attribute_clock');
    this.figures = database.collection('computed_figures');
  }

  /**
   * Takes the stretch of time that nobody has followed yet.
   *
   * @returns undefined while another worker does so, or when it is shorter than `least` milliseconds.
   */
  async take(now: number, least: number): Promise<Interval | undefined> {
    const free = {
      _id: CLOCK,
      until: { $lte: now - least },
      $or: [{ heldUntil: { $lte: now } }, { holder: this.holder }],
    };
    const update = [
      {
        $set: {
          until: { $ifNull: ['$until', now - least] },
          holder: this.holder,
          heldUntil: now + HELD_FOR,
        },
      },
    ];
    const taken =
      (await available(this.clock.findOneAndUpdate(free, update, { returnDocument: 'after' }))) ??
      (await this.begin(free, update));
    return taken ? { from: Math.min(taken.until, now - least), to: now } : undefined;
  }

  /** Starts the clock where there is none: only then an upsert, which meets a clock that is not free as an error. */
  private async begin(free: Filter<ClockDocument>, update: Document[]): Promise<ClockDocument | null> {
    if (await available(this.clock.findOne({ _id: CLOCK }, { projection: { _id: 1 } }))) return null;
    try {
      return await available(this.clock.findOneAndUpdate(free, update, { upsert: true, returnDocument: 'after' }));
    } catch (error) {
      // Another worker was first.
      if (isDuplicateKey(error)) return null;
      throw error;
    }
  }

  /** Notes that a stretch of time has been followed. */
  async followed({ to }: Interval): Promise<void> {
    await available(this.clock.updateOne({ _id: CLOCK, holder: this.holder }, { $set: { until: to, heldUntil: 0 } }));
  }

  /** Identities of whose events some enter or leave a window of these attributes while time passes, some at a time. */
  async *affected(
    tenant: Tenant,
    attributes: readonly ComputedAttribute[],
    { from, to }: Interval,
  ): AsyncGenerator<readonly string[]> {
    const moved = attributes.flatMap((attribute) => {
      const program = this.programs.of(attribute);
      const before = asked(attribute, program, from);
      const after = asked(attribute, program, to);
      const windows = [before.window, ...before.intervals];
      return windows.flatMap((window, index) =>
        movedBetween(window, [after.window, ...after.intervals][index] ?? window),
      );
    });
    for (const [begin, end] of distinctStretches(moved)) {
      const minutes = { $elemMatch: { $gte: Math.floor(begin / MINUTE) * MINUTE, $lt: end } };
      const found = this.figures.find(
        { tenant: tenantKey(tenant), minutes },
        { projection: { xids: 1 }, batchSize: 500 },
      );
      let some: string[] = [];
      for await (const { xids } of found) {
        some.push(...xids);
        if (some.length < 500) continue;
        yield [...new Set(some)];
        some = [];
      }
      if (some.length > 0) yield [...new Set(some)];
    }
  }
}

/** The times that are in one of two windows and not in the other. */
function movedBetween(before: Interval, after: Interval): [number, number][] {
  const moved: [number, number][] = [
    [Math.min(before.from, after.from), Math.max(before.from, after.from)],
    [Math.min(before.to, after.to), Math.max(before.to, after.to)],
  ];
  return moved.filter(([begin, end]) => begin < end && Number.isFinite(begin) && Number.isFinite(end));
}

function distinctStretches(stretches: readonly [number, number][]): readonly [number, number][] {
  return [...new Map(stretches.map((stretch) => [stretch.join(), stretch])).values()];
}
