import { UnavailableError, type Tenant } from '@tessera/contracts';
import type { EdgeProjection } from '@tessera/domain';
import { problem } from '@tessera/http';
import { PATIENCE_MS, within } from '../patience.js';
import type { DataCenter } from './data-center.js';
import type { EdgeMetrics, LookupResult } from './edge-metrics.js';
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
    const isCurrent = held?.generation === projection.generation;
    if (isCurrent && held.steadyUntil > Date.now()) {
      this.metrics.lookup(dataCenter.name, 'held');
      return held;
    }
    const filling = this.fill(tenant, xid, projection, dataCenter);
    const { answer, result } = await (isCurrent ? this.orOutdated(filling, held) : filling);
    this.metrics.lookup(dataCenter.name, result);
    if (answer !== undefined) return answer;
    throw problem('unknown-profile', {
      detail: 'Nothing was ever seen of this identity: no record and no link. Check its namespace and its value.',
    });
  }

  private async fill(
    tenant: Tenant,
    xid: string,
    projection: EdgeProjection,
    dataCenter: DataCenter,
  ): Promise<LookupOutcome> {
    const started = performance.now();
    const answer = await this.fills.fill(tenant, xid, projection, dataCenter);
    this.metrics.fill(performance.now() - started);
    return { answer, result: answer === undefined ? 'unknown' : 'filled' };
  }

  /** What time has made outdated is better than nothing while it cannot be made anew. */
  private async orOutdated(filling: Promise<LookupOutcome>, held: Answered): Promise<LookupOutcome> {
    try {
      return await within(filling, PATIENCE_MS);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      return { answer: held, result: 'outdated' };
    }
  }
}

interface LookupOutcome {
  readonly answer: Answered | undefined;
  readonly result: LookupResult;
}
