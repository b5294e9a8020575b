import { tenantKey, type ProfileChange, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import { inSlices } from '../slices.js';
import { graphCollections, type GraphCollections } from './graph-collections.js';
import type { IdentityDocument, LinkDocument } from './graph-documents.js';

/** An identity and the person it belongs to. */
export type StoredIdentity = Omit<IdentityDocument, 'tenant'>;
/** A link and all its evidence. */
export type StoredLink = Omit<LinkDocument, 'tenant' | 'contests'>;

/** Reads the identity graph. Never blocks writers, and is never blocked by them. */
export class IdentityGraphReader {
  private readonly collections: GraphCollections;

  constructor(database: Database) {
    this.collections = graphCollections(database);
  }

  /**
   * The identities among `xids` that were ever seen, in no particular order. Each names its whole cluster as of one
   * moment; while people are being merged, two of them may be of different moments.
   */
  findMany(tenant: Tenant, xids: readonly string[]): Promise<StoredIdentity[]> {
    return inSlices([...new Set(xids)], (some) =>
      available(
        this.collections.identities
          .find(
            { tenant: tenantKey(tenant), _id: { $in: some } },
            { projection: { tenant: 0 }, batchSize: some.length + 1 },
          )
          .toArray(),
      ),
    );
  }

  /**
   * The people that some identities are of, as they are now, to be announced after something of theirs is gone. An identity
   * that the graph does not have is a person of its own.
   *
   * @param acceptedAt of what was behind it, epoch ms.
   */
  async changesOf(tenant: Tenant, xids: readonly string[], acceptedAt: number): Promise<ProfileChange[]> {
    return peopleChanges(xids, await this.findMany(tenant, xids), acceptedAt);
  }

  /**
   * Every link between two of `xids`, those that a rule leaves out included: of a cluster's members, the reasons why they
   * are one person.
   */
  async linksAmong(tenant: Tenant, xids: readonly string[]): Promise<StoredLink[]> {
    const distinct = new Set(xids);
    const found = await inSlices([...distinct], (some) =>
      available(
        this.collections.links
          .find({ tenant: tenantKey(tenant), a: { $in: some } }, { projection: { tenant: 0, contests: 0 } })
          .toArray(),
      ),
    );
    return found.filter(({ b }) => distinct.has(b));
  }

  /**
   * The XIDs of everyone connected with an identity by any link, itself included: more than its cluster where a limit or a
   * linking rule bites. Empty for an identity that was never seen.
   */
  async componentOf(tenant: Tenant, xid: string): Promise<readonly string[]> {
    const key = tenantKey(tenant);
    const [identity] = await this.findMany(tenant, [xid]);
    if (!identity?.contested) return identity?.members.map((member) => member.xid) ?? [];
    const component = await available(this.collections.components.findOne({ _id: identity.componentId, tenant: key }));
    return component?.members ?? [xid];
  }
}

/** {@link IdentityGraphReader.changesOf} where what is known of the identities has been read already. */
export function peopleChanges(
  xids: readonly string[],
  known: readonly StoredIdentity[],
  acceptedAt: number,
): ProfileChange[] {
  const changes = new Map<string, ProfileChange>();
  const unknown = new Set(xids);
  for (const { _id, clusterId, members } of known) {
    unknown.delete(_id);
    changes.set(clusterId, { clusterId, members: members.map(({ xid }) => xid), replaced: [], acceptedAt });
  }
  for (const xid of unknown) changes.set(xid, { clusterId: xid, members: [xid], replaced: [], acceptedAt });
  return [...changes.values()];
}
