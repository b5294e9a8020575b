import { tenantKey, type Tenant } from '@tessera/contracts';
import type { MergePolicy } from '@tessera/domain';
import {
  JoinedReads,
  type FragmentReader,
  type LookupBeginning,
  type LookupReader,
  type MergePolicyReader,
  type StoredFragment,
} from '@tessera/stores';

/** Fragments by the XID they are stored under. */
export type StoredFragments = ReadonlyMap<string, readonly StoredFragment[]>;

/** What a lookup begins with, and the fragments of everybody in it where they were read along. */
export interface WithFragments extends LookupBeginning {
  readonly fragments?: StoredFragments;
}

interface OfTenant {
  readonly tenant: Tenant;
  readonly xids: readonly string[];
}

/** The reads a lookup is made of, each joined with those of other lookups under way. */
export class ProfileReads {
  private readonly policySets: JoinedReads<Tenant, readonly MergePolicy[]>;
  private readonly beginnings: JoinedReads<OfTenant, LookupBeginning>;
  private readonly wholes: JoinedReads<OfTenant, WithFragments>;
  private readonly fragmentSets: JoinedReads<OfTenant, readonly StoredFragment[]>;

  constructor(policies: MergePolicyReader, lookups: LookupReader, fragments: FragmentReader) {
    this.policySets = new JoinedReads((tenants) => policies.findMany(tenants));
    this.beginnings = new JoinedReads((keys) =>
      readByTenant(keys, async (tenant, xids) => {
        const beginning = await lookups.find(tenant, xids);
        const identitiesOf = partOf(beginning.identities, ({ _id }) => _id);
        return (wanted) => ({ identities: identitiesOf(wanted), policies: beginning.policies });
      }),
    );
    this.wholes = new JoinedReads((keys) =>
      readByTenant(keys, async (tenant, xids) => {
        const { identities, policies, fragments } = await lookups.findWithFragments(tenant, xids);
        const identitiesOf = partOf(identities, ({ _id }) => _id);
        const byXid = fragments && Map.groupBy(fragments, ({ xid }) => xid);
        return (wanted) => {
          const own = identitiesOf(wanted);
          const isWhole = byXid !== undefined && own.length === new Set(wanted).size;
          return { identities: own, policies, ...(isWhole && { fragments: byXid }) };
        };
      }),
    );
    this.fragmentSets = new JoinedReads((keys) =>
      readByTenant(keys, async (tenant, xids) => partOf(await fragments.findMany(tenant, xids), ({ xid }) => xid)),
    );
  }

  /** Every merge policy of the sandbox. */
  policies(tenant: Tenant): Promise<readonly MergePolicy[]> {
    return this.policySets.load(tenant);
  }

  /** Those of the identities that were ever seen, and every merge policy of the sandbox. */
  beginning(tenant: Tenant, xids: readonly string[]): Promise<LookupBeginning> {
    return this.beginnings.load({ tenant, xids });
  }

  /**
   * The same, with the fragments of everybody in it, and maybe others, where one query gives all of that: not of many, nor
   * where one of the identities was never seen.
   */
  withFragments(tenant: Tenant, xids: readonly string[]): Promise<WithFragments> {
    return this.wholes.load({ tenant, xids });
  }

  /** All fragments stored under the identities, of every schema, deleted ones included. */
  fragments(tenant: Tenant, xids: readonly string[]): Promise<readonly StoredFragment[]> {
    return this.fragmentSets.load({ tenant, xids });
  }
}

/** One query per tenant for all that is wanted. @param read gives what answers each key. */
async function readByTenant<Answer>(
  keys: readonly OfTenant[],
  read: (tenant: Tenant, xids: readonly string[]) => Promise<(xids: readonly string[]) => Answer>,
): Promise<Answer[]> {
  const answers = new Map<OfTenant, Answer>();
  const groups = Map.groupBy(keys, ({ tenant }) => tenantKey(tenant)).values();
  await Promise.all(
    [...groups].map(async (group) => {
      const { tenant } = group[0] as OfTenant;
      const answerTo = await read(tenant, [...new Set(group.flatMap(({ xids }) => xids))]);
      for (const key of group) answers.set(key, answerTo(key.xids));
    }),
  );
  return keys.map((key) => answers.get(key) as Answer);
}

/** To each question its part of what was found for all. */
function partOf<Found>(found: readonly Found[], xidOf: (one: Found) => string): (xids: readonly string[]) => Found[] {
  const byXid = Map.groupBy(found, xidOf);
  return (xids) => [...new Set(xids)].flatMap((xid) => byXid.get(xid) ?? []);
}
