import { tenantKey, type Tenant } from '@tessera/contracts';
import { edgeProjections, type EdgeProjection } from '@tessera/domain';
import type { EdgeCopies, EdgeShelf } from '@tessera/edge-store';
import type { PeopleSnapshots, ProjectionSettings } from '@tessera/stores';
import { HeldValues, type SourceValue } from '../admission/held-values.js';

interface HeldProjections {
  readonly projections: readonly EdgeProjection[];
}

/** The edge of one data centre: what it is to hold, and what it holds. */
export class DataCenter {
  private readonly held: HeldValues<HeldProjections>;

  constructor(
    readonly copies: EdgeCopies,
    shelf: EdgeShelf,
    private readonly snapshots: PeopleSnapshots,
  ) {
    this.held = new HeldValues({ kind: 'projections', shelf, read: (key) => this.read(key) });
  }

  get name(): string {
    return this.copies.dataCenter;
  }

  /**
   * A projection of this data centre; changes of configurations, destinations and policies count within half a second.
   *
   * @throws UnavailableError when it was never known here and MongoDB is away.
   */
  async projection(tenant: Tenant, schemaName: string, name: string): Promise<EdgeProjection | undefined> {
    const held = await this.held.find(tenantKey(tenant));
    return held?.projections.find((projection) => projection.schemaName === schemaName && projection.name === name);
  }

  /** A projection by its id, as it was at the moment of some settings. */
  projectionAt({ projections, policies }: ProjectionSettings, id: string): EdgeProjection | undefined {
    return edgeProjections(projections, policies, this.name).find((projection) => projection.id === id);
  }

  /** Of a sandbox without projections too: that there are none is worth holding. */
  private async read(key: string): Promise<SourceValue<HeldProjections>> {
    const [organisation = '', sandbox = ''] = key.split('/');
    const { version, projections, policies } = await this.snapshots.settings({ organisation, sandbox });
    return { value: { projections: edgeProjections(projections, policies, this.name) }, version };
  }
}
