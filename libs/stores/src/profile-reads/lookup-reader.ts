import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { MergePolicy } from '@tessera/domain';
import { available } from '../bulk.js';
import type { Database } from '../database.js';
import type { IdentityDocument } from '../identity-graph/graph-documents.js';
import type { StoredIdentity } from '../identity-graph/identity-graph-reader.js';
import { policiesOf, type PolicySetDocument } from '../merge-policies/merge-policy-document.js';
import type { MergePolicyReader } from '../merge-policies/merge-policy-store.js';

/** What a lookup begins with. */
export interface LookupBeginning {
  /** Those asked about that were ever seen, in no particular order. */
  readonly identities: readonly StoredIdentity[];
  /** All of the sandbox. */
  readonly policies: readonly MergePolicy[];
}

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
    const key = tenantKey(tenant);
    const found = await available(
      this.identities
        .aggregate<StoredIdentity | PolicySetDocument>(
          [
            { $match: { tenant: key, _id: { $in: [...xids] } } },
            { $project: { tenant: 0 } },
            { $unionWith: { coll: 'merge_policies', pipeline: [{ $match: { _id: key, tenant: key } }] } },
          ],
          { batchSize: xids.length + 2 },
        )
        .toArray(),
    );
    const set = found.find((document) => 'policies' in document);
    // A sandbox that nobody has asked anything of is given its first policy.
    const policies = set === undefined ? await this.policiesOf(tenant) : policiesOf(tenant, set);
    return { identities: found.filter((document) => 'members' in document), policies };
  }

  private async policiesOf(tenant: Tenant): Promise<readonly MergePolicy[]> {
    const [policies = []] = await this.policies.findMany([tenant]);
    return policies;
  }
}
