import type { Tenant } from '@tessera/contracts';
import type {
  FiguresCalculator,
  FiguresMark,
  FiguresMarks,
  GraphAnnouncements,
  IdentityGraphReader,
  WaitingFigures,
} from '@tessera/stores';
import type { ChangePublisher } from '@tessera/messaging';
import type { ComputedAttributeMetrics } from './computed-attribute-metrics.js';

export interface FiguresUpdaterParts {
  readonly marks: FiguresMarks;
  readonly calculator: FiguresCalculator;
  readonly graph: IdentityGraphReader;
  readonly announcements: GraphAnnouncements;
  readonly publisher: ChangePublisher;
  readonly metrics: ComputedAttributeMetrics;
}

/** Counts figures anew and says whose values that changes. All of it may be repeated. */
export class FiguresUpdater {
  constructor(private readonly parts: FiguresUpdaterParts) {}

  /**
   * Counts anew what may have changed.
   *
   * @param acceptedAt newest acceptance (epoch ms) behind it.
   * @throws UnavailableError
   */
  async update(tenant: Tenant, marks: readonly FiguresMark[], acceptedAt: number): Promise<void> {
    const ids = await this.parts.marks.mark(tenant, marks);
    const xids = marks.flatMap((mark) => mark.xids);
    await this.count(tenant, ids, xids, acceptedAt);
  }

  /**
   * Counts what has been marked.
   *
   * @param xids identities that the events of these figures carry. They are announced also where somebody else has counted:
   *   whoever did may have died before saying so.
   * @throws UnavailableError
   */
  async count(tenant: Tenant, ids: readonly string[], xids: Iterable<string>, acceptedAt: number): Promise<void> {
    const done = await this.parts.calculator.calculate(tenant, ids);
    this.parts.metrics.counted(done, acceptedAt);
    await this.announce(tenant, [...new Set(xids)], acceptedAt);
  }

  /** Counts what nobody was told of. Whose it is is noted before, since nobody would count it again. @throws UnavailableError */
  async countLeft(tenant: Tenant, figures: readonly WaitingFigures[]): Promise<void> {
    const { calculator, graph, announcements, publisher, metrics } = this.parts;
    const xids = [...new Set(figures.flatMap((some) => some.xids))];
    const changes = await graph.changesOf(tenant, xids, Date.now());
    const note = await announcements.keep(tenant, changes);
    metrics.counted(
      await calculator.calculate(
        tenant,
        figures.map(({ id }) => id),
      ),
    );
    await publisher.publish(tenant, changes);
    await announcements.done([note]);
  }

  /** Tells everybody that the people of some identities have other values now. @throws UnavailableError */
  async announce(tenant: Tenant, xids: readonly string[], acceptedAt: number): Promise<void> {
    const { graph, publisher } = this.parts;
    if (xids.length > 0) await publisher.publish(tenant, await graph.changesOf(tenant, xids, acceptedAt));
  }
}
