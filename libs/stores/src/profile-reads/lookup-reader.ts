import type { Collection, Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { MergePolicy } from '@tessera/domain';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { IdentityDocument } from '../identity-graph/graph-documents.js';
import type { StoredIdentity } from '../identity-graph/identity-graph-reader.js';
import { policiesOf, type PolicySetDocument } from '../merge-policies/merge-policy-document.js';
import type { MergePolicyReader } from '../merge-policies/merge-policy-store.js';
import { fragmentProjection, newestOfEach, type StoredFragment } from './fragment-reader.js';

/** What a lookup begins with. */
export interface LookupBeginning {
  /** Those asked about that were ever seen, in no particular order. */
  readonly identities: readonly StoredIdentity[];
  /** All of the sandbox. */
  readonly policies: readonly MergePolicy[];
}

/** The same, with what was said of all members of those identities' clusters, deleted fragments included. */
export interface LookupWithFragments extends LookupBeginning {
  /** Absent when too many were asked about for one query. */
  readonly fragments?: readonly StoredFragment[];
}

/** An identity comes with the first fragment of its cluster, if any; the others follow without it. */
type Found = PolicySetDocument | StoredIdentity | FoundFragment | (StoredIdentity & FoundFragment);

interface FoundFragment {
  readonly fragment: StoredFragment;
}

/**
 * Identities whose fragments are read by the query that finds them. For each of them the server begins anew, which soon
 * costs it more than the second query does that is saved: as much for three, half as much again for ten.
 */
const FEW = 4;
/** Rows of the first answer; with MongoDB's own hundred, a person of more fragments would take a second one. */
const FEW_ROWS = 1_000;

/** Reads what lookups begin with: by whom and by which policies, in one query. */
export class LookupReader {
  private readonly identities: Collection<IdentityDocument>;

  constructor(
    database: Database,
    private readonly policies: Pick<MergePolicyReader, 'findMany'>,
  ) {
    this.identities = database.collection('identities');
  }

  /** @param xids 100,000 at most: they go into one command, a third of what it may be. */
  async find(tenant: Tenant, xids: readonly string[]): Promise<LookupBeginning> {
    return this.beginningOf(tenant, await this.query(tenant, xids, [], xids.length + 2));
  }

  /**
   * As {@link find}, with fragments by the same query where few are asked about. Nothing is read of identities that were
   * never seen: these belong to no cluster that it could be read along with.
   */
  async findWithFragments(tenant: Tenant, xids: readonly string[]): Promise<LookupWithFragments> {
    if (xids.length > FEW) return this.find(tenant, xids);
    const found = await this.query(tenant, xids, withFragments(tenant), FEW_ROWS);
    const fragments: StoredFragment[] = [];
    const beginning = found.map((row) => {
      if (!('fragment' in row)) return row;
      const { fragment, ...identity } = row;
      fragments.push(fragment);
      return identity;
    });
    return { ...(await this.beginningOf(tenant, beginning)), fragments: newestOfEach(fragments) };
  }

  private query(
    tenant: Tenant,
    xids: readonly string[],
    more: readonly Document[],
    batchSize: number,
  ): Promise<Found[]> {
    const key = tenantKey(tenant);
    const policies = [{ $match: { _id: key, tenant: key } }];
    const stages = [
      { $match: { tenant: key, _id: { $in: [...xids] } } },
      { $project: { tenant: 0 } },
      ...more,
      { $unionWith: { coll: 'merge_policies', pipeline: policies } },
    ];
    return available(this.identities.aggregate<Found>(stages, { batchSize }).toArray());
  }

  private async beginningOf(tenant: Tenant, found: readonly object[]): Promise<LookupBeginning> {
    const set = found.find((document): document is PolicySetDocument => 'policies' in document);
    // A sandbox that nobody has asked anything of is given its first policy.
    const policies = set === undefined ? await this.policiesOf(tenant) : policiesOf(tenant, set);
    return { identities: found.filter((document): document is StoredIdentity => 'members' in document), policies };
  }

  private async policiesOf(tenant: Tenant): Promise<readonly MergePolicy[]> {
    const [policies = []] = await this.policies.findMany([tenant]);
    return policies;
  }
}

/** A row for each fragment of each cluster, as all of a person's in one document might be more than one can hold. */
function withFragments(tenant: Tenant): Document[] {
  const fragments = [{ $match: { tenant: tenantKey(tenant) } }, { $project: fragmentProjection }];
  const byMember = { localField: 'members.xid', foreignField: 'xid' };
  return [
    { $lookup: { from: 'fragments', ...byMember, pipeline: fragments, as: 'fragment' } },
    { $unwind: { path: '$fragment', preserveNullAndEmptyArrays: true, includeArrayIndex: 'place' } },
    { $set: { members: { $cond: [{ $gt: ['$place', 0] }, '$$REMOVE', '$members'] } } },
    { $unset: 'place' },
  ];
}
