import { Inject, Injectable } from '@nestjs/common';
import type { Identity, Tenant } from '@tessera/contracts';
import type { IdentityGraphType } from '@tessera/domain';
import { problem } from '@tessera/http';
import { IdentityGraphReader, NamespaceStore, type StoredLink } from '@tessera/stores';
import { NamespaceIndex } from './namespace-index.js';
import { requestedRecord, type CompositeXid, type RequestedRecord } from './requested-record.js';

/** One requested identity that was ever seen, and whoever is one person with it, by XID. */
export interface FoundRecord {
  readonly record: RequestedRecord;
  readonly members: readonly Identity[];
}

export interface FoundRecords {
  /** In the order of the request. */
  readonly found: readonly FoundRecord[];
  /** What was sent and is no identity, or none that was ever seen. */
  readonly unprocessed: readonly (string | CompositeXid)[];
}

/** Reads people out of the identity graph (spec 04-identity, "Endpoints"). */
@Injectable()
export class GraphService {
  constructor(
    @Inject(IdentityGraphReader) private readonly graph: IdentityGraphReader,
    @Inject(NamespaceStore) private readonly namespaces: NamespaceStore,
  ) {}

  /** @throws ProblemError `unknown-namespace`. */
  async xidOf(tenant: Tenant, composite: CompositeXid): Promise<string> {
    const { xid } = await this.known(tenant, composite);
    return xid;
  }

  /** The person of one identity. @throws ProblemError `unknown-namespace`, or `invalid-parameter` for no XID. */
  async findOne(tenant: Tenant, sent: string | CompositeXid, graphType: IdentityGraphType): Promise<FoundRecords> {
    return this.read(tenant, [await this.known(tenant, sent)], graphType);
  }

  /** The people of many identities. */
  async findMany(
    tenant: Tenant,
    sent: readonly (string | CompositeXid)[],
    graphType: IdentityGraphType,
  ): Promise<FoundRecords> {
    const namespaces = await this.namespacesFor(tenant, sent);
    const records = sent.map((one) => requestedRecord(tenant, namespaces, one));
    return this.read(tenant, records, graphType);
  }

  /** The links between the members of each of some people, in the order of their ends. */
  async linksOf(tenant: Tenant, people: readonly FoundRecord[]): Promise<readonly (readonly StoredLink[])[]> {
    const links = await this.graph.linksAmong(
      tenant,
      people.flatMap(({ members }) => members.map(({ xid }) => xid)),
    );
    const byStart = Map.groupBy(links, ({ a }) => a);
    return people.map(({ members }) => {
      const xids = new Set(members.map(({ xid }) => xid));
      return [...xids]
        .flatMap((xid) => byStart.get(xid) ?? [])
        .filter(({ b }) => xids.has(b))
        .sort((one, other) => (one._id < other._id ? -1 : 1));
    });
  }

  private async read(
    tenant: Tenant,
    records: readonly RequestedRecord[],
    graphType: IdentityGraphType,
  ): Promise<FoundRecords> {
    const stored = await this.graph.findMany(
      tenant,
      records.flatMap(({ xid }) => xid ?? []),
    );
    const byXid = new Map(stored.map((identity) => [identity._id, identity]));
    const found: FoundRecord[] = [];
    const unprocessed: (string | CompositeXid)[] = [];
    for (const record of records) {
      const identity = record.xid === undefined ? undefined : byXid.get(record.xid);
      if (identity === undefined) unprocessed.push(record.sent);
      else {
        const { _id: xid, namespace, id, members } = identity;
        found.push({ record, members: graphType === 'none' ? [{ xid, namespace, id }] : members });
      }
    }
    return { found, unprocessed };
  }

  private async known(tenant: Tenant, sent: string | CompositeXid): Promise<RequestedRecord & { xid: string }> {
    const record = requestedRecord(tenant, await this.namespacesFor(tenant, [sent]), sent);
    if (record.xid !== undefined) return { ...record, xid: record.xid };
    if (typeof sent !== 'string') {
      const which = (sent.namespace ?? sent.ns ?? String(sent.nsid)).slice(0, 256);
      throw problem('unknown-namespace', { detail: `The sandbox has no identity namespace ${which}.` });
    }
    const errors = [{ path: '/xid', message: 'is no XID' }];
    throw problem('invalid-parameter', { detail: 'The parameter xid is no XID.', errors });
  }

  /** XIDs are answered as XIDs: namespaces are of no interest then. */
  private namespacesFor(
    tenant: Tenant,
    sent: readonly (string | CompositeXid)[],
  ): Promise<NamespaceIndex> | NamespaceIndex {
    if (sent.every((one) => typeof one === 'string')) return new NamespaceIndex([]);
    return NamespaceIndex.read(this.namespaces, tenant);
  }
}
