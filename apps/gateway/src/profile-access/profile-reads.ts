import { tenantKey, type Tenant } from '@tessera/contracts';
import type { MergePolicy } from '@tessera/domain';
import {
  JoinedReads,
  type FragmentReader,
  type IdentityGraphReader,
  type MergePolicyReader,
  type StoredFragment,
  type StoredIdentity,
} from '@tessera/stores';

interface OfTenant<Wanted> {
  readonly tenant: Tenant;
  readonly wanted: Wanted;
}

/** The reads a lookup is made of, each joined with those of other lookups under way. */
export class ProfileReads {
  private readonly policySets: JoinedReads<Tenant, readonly MergePolicy[]>;
  private readonly identitySets: JoinedReads<OfTenant<readonly string[]>, readonly StoredIdentity[]>;
  private readonly fragmentSets: JoinedReads<OfTenant<readonly string[]>, readonly StoredFragment[]>;

  constructor(policies: MergePolicyReader, graph: IdentityGraphReader, fragments: FragmentReader) {
    this.policySets = new JoinedReads((tenants) => policies.findMany(tenants));
    this.identitySets = new JoinedReads((keys) =>
      readByTenant(
        keys,
        (tenant, xids) => graph.findMany(tenant, xids),
        ({ _id }) => _id,
      ),
    );
    this.fragmentSets = new JoinedReads((keys) =>
      readByTenant(
        keys,
        (tenant, xids) => fragments.findMany(tenant, xids),
        ({ xid }) => xid,
      ),
    );
  }

  /** Every merge policy of the sandbox. */
  policies(tenant: Tenant): Promise<readonly MergePolicy[]> {
    return this.policySets.load(tenant);
  }

  /** Those of the identities that were ever seen. */
  identities(tenant: Tenant, xids: readonly string[]): Promise<readonly StoredIdentity[]> {
    return this.identitySets.load({ tenant, wanted: xids });
  }

  /** All fragments stored under the identities, of every schema, deleted ones included. */
  fragments(tenant: Tenant, xids: readonly string[]): Promise<readonly StoredFragment[]> {
    return this.fragmentSets.load({ tenant, wanted: xids });
  }
}

/** One query per tenant for all that is wanted, and to each key its part of the answer. */
async function readByTenant<Found>(
  keys: readonly OfTenant<readonly string[]>[],
  read: (tenant: Tenant, xids: readonly string[]) => Promise<readonly Found[]>,
  xidOfFound: (found: Found) => string,
): Promise<(readonly Found[])[]> {
  const groups = [...Map.groupBy(keys, ({ tenant }) => tenantKey(tenant)).values()];
  const parts = await Promise.all(
    groups.map(async (group) => {
      const wanted = new Set(group.flatMap((key) => key.wanted));
      const found = await read((group[0] as OfTenant<unknown>).tenant, [...wanted]);
      return [group, Map.groupBy(found, xidOfFound)] as const;
    }),
  );
  const answers = new Map<OfTenant<readonly string[]>, readonly Found[]>();
  for (const [group, byXid] of parts) {
    for (const key of group) {
      answers.set(
        key,
        [...new Set(key.wanted)].flatMap((xid) => byXid.get(xid) ?? []),
      );
    }
  }
  return keys.map((key) => answers.get(key) ?? []);
}
