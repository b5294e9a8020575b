import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import { tenantKey, UnavailableError, type Tenant } from '@tessera/contracts';
import { bornPolicySettings, withNewPolicy, type MergePolicy, type PolicyChange } from '@tessera/domain';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import {
  fromStored,
  policiesOf,
  policyVersionId,
  toStored,
  type PolicySetDocument,
  type PolicyVersionDocument,
} from './merge-policy-document.js';

/** Tries of a change against concurrent ones. Each failed try means that another change came through. */
const MOST_TRIES = 200;

/** What reads need of merge policies. */
export interface MergePolicyReader {
  /** Every policy of each sandbox, in the order of `tenants`, with one query. A sandbox without any is given its born one. */
  findMany(tenants: readonly Tenant[]): Promise<(readonly MergePolicy[])[]>;
  /** A policy as it was at an older version; `undefined` for the current version and those that never were. */
  findOlder(tenant: Tenant, id: string, version: number): Promise<MergePolicy | undefined>;
}

/**
 * Keeps merge policies and their older versions. Changes of one sandbox take effect one after the other; each is made from
 * what the one before left, so rules over all policies of a sandbox (one default per schema, one on edge, 50 at most) hold
 * at every moment.
 */
export class MergePolicyStore implements MergePolicyReader {
  private readonly sets: Collection<PolicySetDocument>;
  private readonly versions: Collection<PolicyVersionDocument>;
  /** The last change under way of each sandbox: those of one process wait for each other instead of trying in vain. */
  private readonly changes = new Map<string, Promise<unknown>>();

  constructor(
    database: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.sets = database.collection('merge_policies');
    this.versions = database.collection('merge_policy_versions');
  }

  async findMany(tenants: readonly Tenant[]): Promise<(readonly MergePolicy[])[]> {
    const keys = [...new Set(tenants.map(tenantKey))];
    const found = await available(this.sets.find({ _id: { $in: keys } }).toArray());
    const byKey = new Map(found.map((set) => [set._id, set]));
    return Promise.all(
      tenants.map(async (tenant) => policiesOf(tenant, byKey.get(tenantKey(tenant)) ?? (await this.born(tenant)))),
    );
  }

  async findOlder(tenant: Tenant, id: string, version: number): Promise<MergePolicy | undefined> {
    const found = await available(
      this.versions.findOne({ _id: policyVersionId(tenant, id, version), tenant: tenantKey(tenant) }),
    );
    return found === null ? undefined : fromStored(tenant, found.policy);
  }

  /**
   * Makes a change in one step that readers see whole or not at all. Older versions are kept before they are replaced.
   *
   * @param decide makes the change from the sandbox's current policies; called again when another change came between.
   * @returns what `decide` said last.
   */
  async change(tenant: Tenant, decide: (policies: readonly MergePolicy[]) => PolicyChange): Promise<PolicyChange> {
    const key = tenantKey(tenant);
    const before = this.changes.get(key) ?? Promise.resolve();
    const change = before.then(() => this.tryChange(tenant, decide));
    const ended = change.catch(() => undefined);
    this.changes.set(key, ended);
    try {
      return await change;
    } finally {
      if (this.changes.get(key) === ended) this.changes.delete(key);
    }
  }

  private async tryChange(
    tenant: Tenant,
    decide: (policies: readonly MergePolicy[]) => PolicyChange,
  ): Promise<PolicyChange> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const set = (await available(this.sets.findOne({ _id: tenantKey(tenant) }))) ?? (await this.born(tenant));
      const before = policiesOf(tenant, set);
      const change = decide(before);
      if (change.kind === 'refused') return change;
      await this.keepOlder(
        tenant,
        before.filter((policy) => !change.policies.includes(policy)),
      );
      const { matchedCount } = await available(
        this.sets.updateOne(
          { _id: set._id, tenant: set.tenant, revision: set.revision },
          { $set: { policies: change.policies.map(toStored), revision: set.revision + 1 } },
        ),
      );
      if (matchedCount === 1) return change;
    }
    throw new UnavailableError('mongodb', new Error(`${MOST_TRIES} concurrent changes of merge policies came first`));
  }

  /** Gives a sandbox its first policy, unless somebody just did. */
  private async born(tenant: Tenant): Promise<PolicySetDocument> {
    const stamp = { id: randomUUID(), updateEpoch: Math.floor(this.now() / 1000) };
    const first = withNewPolicy([], tenant, bornPolicySettings, stamp);
    if (first.kind === 'refused') throw new Error('a sandbox without policies takes one');
    const _id = tenantKey(tenant);
    const document = { _id, tenant: _id, revision: 1, policies: first.policies.map(toStored) };
    const taken = await unorderedBulk(this.sets, [{ insertOne: { document } }]);
    if (taken.length === 0) return document;
    const set = await available(this.sets.findOne({ _id }));
    return set ?? this.born(tenant);
  }

  private async keepOlder(tenant: Tenant, policies: readonly MergePolicy[]): Promise<void> {
    // A taken key is the same version, kept by a change that then lost against another.
    await unorderedBulk(
      this.versions,
      policies.map((policy) => ({
        insertOne: {
          document: {
            _id: policyVersionId(tenant, policy.id, policy.version),
            tenant: tenantKey(tenant),
            policy: toStored(policy),
          },
        },
      })),
    );
  }
}
