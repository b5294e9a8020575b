import type { Tenant } from '@tessera/contracts';
import { edgeProjections, type EdgeProjection } from '@tessera/domain';
import type { EdgeCopies, IdentityUpdate, UpdateOutcome } from '@tessera/edge-store';
import { timeOfVersion, type PeopleSnapshots, type ProjectionSettings } from '@tessera/stores';
import { PeopleProjector, type ComputedAttributes } from './people-projector.js';

/** What became of what one edge was told of some identities. */
export interface FeedResult {
  readonly dataCenter: string;
  readonly outcomes: readonly UpdateOutcome[];
}

interface Edge {
  readonly copies: EdgeCopies;
  readonly projections: readonly EdgeProjection[];
}

/** Identities asked for together; with everybody they are one person with, and all fragments, they stay some megabytes. */
const AT_ONCE = 500;

/**
 * Brings what edges hold of people up to date. Everything is read as of one moment, which the edges compare: who reads later
 * wins, whoever pushes last.
 */
export class EdgeFeeder {
  constructor(
    private readonly people: PeopleSnapshots,
    private readonly edges: readonly EdgeCopies[],
    private readonly computed: ComputedAttributes,
  ) {}

  /**
   * Pushes proactive projections, refreshes reactive ones where they are held, and has everything dropped of identities that
   * nothing is known about any more. To be called after a change of them is durable.
   *
   * @param xids identities that changed; of each everybody who is one person with it now is brought up to date.
   * @throws UnavailableError while MongoDB or the Redis of an edge is down; all of it may be repeated.
   */
  async refresh(tenant: Tenant, xids: Iterable<string>): Promise<readonly FeedResult[]> {
    const results: FeedResult[] = [];
    const distinct = [...new Set(xids)];
    for (let from = 0; from < distinct.length; from += AT_ONCE) {
      results.push(...(await this.refreshSome(tenant, distinct.slice(from, from + AT_ONCE))));
    }
    return results;
  }

  /**
   * Has every copy of some identities dropped, whatever is known about them, so that none that is on its way comes back. To
   * be called once a deletion of them is durable.
   *
   * @throws UnavailableError as {@link refresh} does.
   */
  async forget(tenant: Tenant, xids: Iterable<string>): Promise<void> {
    const { version } = await this.people.settings(tenant);
    const moment = { version, time: timeOfVersion(version) };
    const updates = [...new Set(xids)].map((xid) => ({ xid, copies: [] }));
    await Promise.all(this.edges.map((edge) => edge.push(tenant, moment, updates)));
  }

  private async refreshSome(tenant: Tenant, xids: readonly string[]): Promise<readonly FeedResult[]> {
    let edges: readonly Edge[] = [];
    let read: ReadonlySet<string> = new Set();
    const snapshot = await this.people.people(tenant, xids, async ({ people, ...settings }) => {
      edges = this.concerned(settings);
      const wanted = await this.wantedOf(
        tenant,
        edges,
        people.map(({ xid }) => xid),
      );
      read = new Set(wanted);
      return wanted;
    });
    const projector = new PeopleProjector(snapshot);
    await projector.compute(
      tenant,
      read,
      edges.flatMap(({ projections }) => projections),
      this.computed,
    );
    const moment = { version: snapshot.version, time: timeOfVersion(snapshot.version) };
    return Promise.all(
      edges.map(async ({ copies, projections }) => {
        const updates = snapshot.people.map(({ xid }) => updateOf(xid, read.has(xid) ? projections : [], projector));
        return { dataCenter: copies.dataCenter, outcomes: await copies.push(tenant, moment, updates) };
      }),
    );
  }

  /** The edges that hold anything of the sandbox. */
  private concerned({ projections, policies }: ProjectionSettings): readonly Edge[] {
    return this.edges
      .map((copies) => ({ copies, projections: edgeProjections(projections, policies, copies.dataCenter) }))
      .filter((edge) => edge.projections.length > 0);
  }

  /** Everybody where anything is pushed; otherwise whom an edge holds: of the others it only needs to know that they changed. */
  private async wantedOf(tenant: Tenant, edges: readonly Edge[], xids: readonly string[]): Promise<readonly string[]> {
    const isPushed = edges.some(({ projections }) =>
      projections.some(({ replicationPolicy }) => replicationPolicy === 'PROACTIVE'),
    );
    if (isPushed) return xids;
    const held = await Promise.all(edges.map(({ copies }) => copies.held(tenant, xids)));
    return xids.filter((xid) => held.some((some) => some.has(xid)));
  }
}

function updateOf(xid: string, projections: readonly EdgeProjection[], projector: PeopleProjector): IdentityUpdate {
  const copies = projections.flatMap((projection) => {
    const projected = projector.project(xid, projection);
    if (projected === undefined) return [];
    const { id: projectionId, generation, ttl, replicationPolicy } = projection;
    return [{ ...projected, projectionId, generation, ttl, onlyIfHeld: replicationPolicy === 'REACTIVE' }];
  });
  return { xid, copies };
}
