import type { Tenant } from '@tessera/contracts';
import { problem } from '@tessera/http';
import type { DataCenter } from './data-center.js';
import type { EdgeMetrics } from './edge-metrics.js';
import type { Answered, ProjectionFills } from './projection-fills.js';

export interface WantedProjection {
  readonly dataCenter: string;
  readonly schemaName: string;
  readonly name: string;
}

/** Answers projections out of what the edges hold, and fills what they do not. */
export class ProjectionLookup {
  private readonly dataCenters: ReadonlyMap<string, DataCenter>;

  constructor(
    dataCenters: readonly DataCenter[],
    private readonly fills: ProjectionFills,
    private readonly metrics: EdgeMetrics,
  ) {
    this.dataCenters = new Map(dataCenters.map((dataCenter) => [dataCenter.name, dataCenter]));
  }

  /**
   * @throws ProblemError `unknown-data-center`, `unknown-projection` or `unknown-profile`; UnavailableError when the copy is
   *   not held and MongoDB is away.
   */
  async find(tenant: Tenant, wanted: WantedProjection, xid: string): Promise<Answered> {
    const dataCenter = this.dataCenters.get(wanted.dataCenter);
    if (dataCenter === undefined) {
      const known = [...this.dataCenters.keys()].join(', ');
      throw problem('unknown-data-center', { detail: `This edge serves the data centres ${known}, and no other.` });
    }
    const projection = await dataCenter.projection(tenant, wanted.schemaName, wanted.name);
    if (projection === undefined) {
      throw problem('unknown-projection', {
        detail: `The sandbox has no projection of this name for the data centre ${dataCenter.name}.`,
      });
    }
    const held = await dataCenter.copies.find(tenant, xid, projection.id);
    if (held?.generation === projection.generation) {
      this.metrics.lookup(dataCenter.name, 'held');
      return held;
    }
    const started = performance.now();
    const filled = await this.fills.fill(tenant, xid, projection, dataCenter);
    this.metrics.fill(performance.now() - started);
    this.metrics.lookup(dataCenter.name, filled === undefined ? 'unknown' : 'filled');
    if (filled !== undefined) return filled;
    throw problem('unknown-profile', {
      detail: 'Nothing was ever seen of this identity: no record and no link. Check its namespace and its value.',
    });
  }
}
