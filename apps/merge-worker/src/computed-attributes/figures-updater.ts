import type { ProfileChange, Tenant } from '@tessera/contracts';
import type { FiguresCalculator, FiguresMark, FiguresMarks, IdentityGraphReader } from '@tessera/stores';
import type { ChangePublisher } from '@tessera/messaging';
import type { ComputedAttributeMetrics } from './computed-attribute-metrics.js';

export interface FiguresUpdaterParts {
  readonly marks: FiguresMarks;
  readonly calculator: FiguresCalculator;
  readonly graph: IdentityGraphReader;
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
    await this.count(tenant, await this.parts.marks.mark(tenant, marks), acceptedAt);
  }

  /** Counts what has been marked. @throws UnavailableError */
  async count(tenant: Tenant, ids: readonly string[], acceptedAt?: number): Promise<void> {
    const { calculator, metrics } = this.parts;
    const done = await calculator.calculate(tenant, ids);
    metrics.counted(done, acceptedAt);
    await this.announce(tenant, [...done.xids], acceptedAt ?? Date.now());
  }

  /** Tells everybody that the people of some identities have other values now. @throws UnavailableError */
  async announce(tenant: Tenant, xids: readonly string[], acceptedAt: number): Promise<void> {
    const { graph, publisher } = this.parts;
    if (xids.length === 0) return;
    const changes = new Map<string, ProfileChange>();
    for (const identity of await graph.findMany(tenant, xids)) {
      const members = identity.members.map(({ xid }) => xid);
      const [clusterId = identity._id] = members.toSorted();
      changes.set(clusterId, { clusterId, members, replaced: [], acceptedAt });
    }
    await publisher.publish(tenant, [...changes.values()]);
  }
}
