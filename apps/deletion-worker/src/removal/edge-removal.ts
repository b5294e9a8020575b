import type { Tenant } from '@tessera/contracts';
import type { EdgeCopies } from '@tessera/edge-store';
import type { EdgeFeeder } from '@tessera/projections';
import type { IdentityGraphReader, TouchedIdentities } from '@tessera/stores';
import type { Follower } from './follower.js';
import type { RemovalContext } from './removal.js';

export interface EdgeRemovalParts {
  readonly edges: readonly EdgeCopies[];
  readonly feeder: EdgeFeeder;
  readonly reader: IdentityGraphReader;
  readonly touched: TouchedIdentities;
}

/** Identities looked at together. */
const AT_ONCE = 500;

/** Copies that edges hold: brought up to date at once, without waiting for those who follow changes. */
export class EdgeRemoval implements Follower {
  readonly store = 'edges';

  constructor(private readonly parts: EdgeRemovalParts) {}

  /** Nothing: whose copies are concerned is only known as people are looked at, and then {@link refresh}ed. */
  remove(): Promise<number> {
    return Promise.resolve(0);
  }

  /**
   * Brings what edges hold of some identities to what is stored now.
   *
   * @returns of how many nothing is held any more.
   * @throws UnavailableError while the Redis of an edge is down.
   */
  async refresh(tenant: Tenant, xids: readonly string[]): Promise<number> {
    const { feeder } = this.parts;
    const before = await this.held(tenant, xids);
    await feeder.refresh(tenant, xids);
    const after = await this.held(tenant, [...before]);
    // An edge for which the sandbox has no projection any more is not fed, and would keep its copies until they expire.
    const unknown = await this.unknown(tenant, after);
    if (unknown.length === 0) return before.size - after.size;
    await feeder.forget(tenant, unknown);
    return before.size - (await this.held(tenant, [...before])).size;
  }

  /** Of all whom the deletion took something from: those who are held although nobody knows them. */
  async remaining(context: Pick<RemovalContext, 'deletion' | 'step'>): Promise<number> {
    const { tenant, id } = context.deletion;
    let count = 0;
    for (let after = ''; ;) {
      const xids = await context.step(() => this.parts.touched.all(tenant, id, after, AT_ONCE));
      if (xids.length === 0) return count;
      count += await context.step(async () => (await this.unknown(tenant, await this.held(tenant, xids))).length);
      after = xids.at(-1) ?? '';
    }
  }

  private async unknown(tenant: Tenant, held: ReadonlySet<string>): Promise<string[]> {
    if (held.size === 0) return [];
    const known = new Set((await this.parts.reader.findMany(tenant, [...held])).map(({ _id }) => _id));
    return [...held].filter((xid) => !known.has(xid));
  }

  private async held(tenant: Tenant, xids: readonly string[]): Promise<Set<string>> {
    const held = await Promise.all(this.parts.edges.map((edge) => edge.held(tenant, xids)));
    return new Set(held.flatMap((some) => [...some]));
  }
}
