import type { Tenant } from '@tessera/contracts';
import type { EdgeCopies } from '@tessera/edge-store';
import type { EdgeFeeder } from '@tessera/projections';
import type { Deletion, IdentityGraphReader } from '@tessera/stores';
import type { Follower } from './follower.js';

export interface EdgeRemovalParts {
  readonly edges: readonly EdgeCopies[];
  readonly feeder: EdgeFeeder;
  readonly reader: IdentityGraphReader;
}

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
    const before = await this.held(tenant, xids);
    await this.parts.feeder.refresh(tenant, xids);
    return before.size - (await this.held(tenant, [...before])).size;
  }

  /** Of a person: identities that are held although nobody knows them. */
  async remaining({ tenant, subject }: Deletion): Promise<number> {
    if (subject.kind !== 'person') return 0;
    const held = await this.held(
      tenant,
      subject.members.map(({ xid }) => xid),
    );
    const known = await this.parts.reader.findMany(tenant, [...held]);
    return held.size - known.length;
  }

  private async held(tenant: Tenant, xids: readonly string[]): Promise<Set<string>> {
    const held = await Promise.all(this.parts.edges.map((edge) => edge.held(tenant, xids)));
    return new Set(held.flatMap((some) => [...some]));
  }
}
