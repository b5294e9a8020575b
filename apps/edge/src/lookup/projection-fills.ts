import { tenantKey, type Tenant } from '@tessera/contracts';
import type { EdgeProjection } from '@tessera/domain';
import { PeopleProjector, type ComputedAttributes } from '@tessera/projections';
import { JoinedReads, timeOfVersion, type PeopleSnapshot, type PeopleSnapshots } from '@tessera/stores';
import type { DataCenter } from './data-center.js';

interface WantedPerson {
  readonly tenant: Tenant;
  readonly xid: string;
  /** Of the projection. */
  readonly id: string;
  readonly dataCenter: DataCenter;
}

interface ReadPeople {
  readonly snapshot: PeopleSnapshot;
  readonly projector: PeopleProjector;
}

/** A copy as it is answered. */
export interface Answered {
  readonly version: number;
  readonly body: string;
}

/** Makes copies that are asked for and not held; many that are asked for at once are read together. */
export class ProjectionFills {
  private readonly reads: JoinedReads<WantedPerson, ReadPeople>;

  constructor(
    private readonly snapshots: PeopleSnapshots,
    private readonly computed: ComputedAttributes,
  ) {
    this.reads = new JoinedReads((wanted) => this.readMany(wanted));
  }

  /**
   * Makes a copy and has it held, unless something newer came before.
   *
   * @returns undefined where nothing was ever seen of the identity, or the projection is no more.
   * @throws UnavailableError while MongoDB or Redis is down.
   */
  async fill(
    tenant: Tenant,
    xid: string,
    { id }: EdgeProjection,
    dataCenter: DataCenter,
  ): Promise<Answered | undefined> {
    const { snapshot, projector } = await this.reads.load({ tenant, xid, id, dataCenter });
    const projection = dataCenter.projectionAt(snapshot, id);
    const projected = projection && projector.project(xid, projection);
    if (projection === undefined || projected === undefined) return undefined;
    const { version } = snapshot;
    const { generation, ttl } = projection;
    const { body } = projected;
    const copy = { ...projected, projectionId: id, generation, ttl };
    const outcome = await dataCenter.copies.fill(tenant, { version, time: timeOfVersion(version) }, xid, copy);
    if (outcome === 'stored') return { version, body };
    const newer = await dataCenter.copies.find(tenant, xid, id);
    return newer?.generation === generation ? newer : { version, body };
  }

  private async readMany(wanted: readonly WantedPerson[]): Promise<readonly ReadPeople[]> {
    const groups = Map.groupBy(wanted, ({ tenant }) => tenantKey(tenant));
    const read = new Map(
      await Promise.all(
        [...groups].map(async ([key, group]) => {
          return [key, await this.readOfTenant((group[0] as WantedPerson).tenant, group)] as const;
        }),
      ),
    );
    return wanted.map(({ tenant }) => read.get(tenantKey(tenant)) as ReadPeople);
  }
  private async readOfTenant(tenant: Tenant, group: readonly WantedPerson[]): Promise<ReadPeople> {
    const xids = new Set(group.map(({ xid }) => xid));
    const snapshot = await this.snapshots.people(tenant, [...xids]);
    const projections = group.flatMap(({ id, dataCenter }) => dataCenter.projectionAt(snapshot, id) ?? []);
    const distinct = new Map(projections.map((projection) => [projection.generation, projection]));
    const projector = new PeopleProjector(snapshot);
    await projector.compute(tenant, xids, [...distinct.values()], this.computed);
    return { snapshot, projector };
  }
}
