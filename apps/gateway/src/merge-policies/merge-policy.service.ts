import { randomUUID } from 'node:crypto';
import { tenantKey, type Fault, type Tenant } from '@tessera/contracts';
import {
  MOST_POLICIES,
  withChangedPolicy,
  withNewPolicy,
  withoutPolicy,
  type MergePolicy,
  type PolicyChange,
  type PolicyRefusal,
  type PolicySettings,
} from '@tessera/domain';
import { problem, type ProblemError } from '@tessera/http';
import type { DatasetReader, MergePolicyStore } from '@tessera/stores';
import { patchedSettings, type PolicyOperation } from './policy-patch.js';

/** Reads and changes the merge policies of a sandbox (spec 05-merge-policies). */
export class MergePolicyService {
  constructor(
    private readonly store: MergePolicyStore,
    private readonly datasets: DatasetReader,
  ) {}

  async list(tenant: Tenant): Promise<readonly MergePolicy[]> {
    return (await this.store.findMany([tenant]))[0] ?? [];
  }

  /** @throws ProblemError `unknown-policy`, also for a version the policy never had. */
  async get(tenant: Tenant, id: string, version?: number): Promise<MergePolicy> {
    const current = (await this.list(tenant)).find((policy) => policy.id === id);
    if (current === undefined) throw unknownPolicy(id);
    if (version === undefined || version === current.version) return current;
    const older = await this.store.findOlder(tenant, id, version);
    if (older === undefined) throw unknownPolicy(`${id} of version ${version}`);
    return older;
  }

  /** @throws ProblemError `invalid-body` for unknown datasets, `too-many-policies`. */
  async create(tenant: Tenant, settings: PolicySettings): Promise<MergePolicy> {
    await this.checkDatasets(tenant, settings, '/attributeMerge/order');
    const stamp = { id: randomUUID(), updateEpoch: now() };
    return this.change(tenant, (policies) => withNewPolicy(policies, tenant, settings, stamp));
  }

  /** @throws ProblemError `unknown-policy`, `invalid-body`, `policy-changed`. */
  async replace(tenant: Tenant, id: string, settings: PolicySettings): Promise<MergePolicy> {
    const { version } = await this.get(tenant, id);
    await this.checkDatasets(tenant, settings, '/attributeMerge/order');
    return this.change(tenant, (policies) =>
      withChangedPolicy(policies, version, settings, { id, updateEpoch: now() }),
    );
  }

  /** @throws ProblemError `unknown-policy`, `invalid-body`, `policy-changed`. */
  async patch(tenant: Tenant, id: string, body: PolicyOperation | readonly PolicyOperation[]): Promise<MergePolicy> {
    const current = await this.get(tenant, id);
    const settings = patchedSettings(current, body);
    // An order that was valid stays so when a dataset of it is deleted: only a new one is checked.
    if (settings.attributeMerge !== current.attributeMerge) await this.checkDatasets(tenant, settings, '');
    return this.change(tenant, (policies) =>
      withChangedPolicy(policies, current.version, settings, { id, updateEpoch: now() }),
    );
  }

  /** @throws ProblemError `unknown-policy`, `policy-in-use`. */
  async remove(tenant: Tenant, id: string): Promise<void> {
    await this.change(tenant, (policies) => withoutPolicy(policies, id));
  }

  /**
   * @param pointer JSON Pointer of the order in the body.
   * @throws ProblemError `invalid-body` naming every id that is no record dataset of the sandbox.
   */
  async checkDatasets(
    tenant: Tenant,
    { attributeMerge }: Pick<PolicySettings, 'attributeMerge'>,
    pointer: string,
  ): Promise<void> {
    if (attributeMerge.type !== 'dataSetPrecedence') return;
    const found = await this.datasets.findMany(attributeMerge.order);
    const errors: Fault[] = [];
    attributeMerge.order.forEach((datasetId, index) => {
      const dataset = found.get(datasetId);
      const path = pointer === '' ? '' : `${pointer}/${index}`;
      if (dataset === undefined || tenantKey(dataset.tenant) !== tenantKey(tenant)) {
        errors.push({ path, message: `"${datasetId}" is not a dataset of this sandbox` });
      } else if (dataset.rules.behavior !== 'record') {
        errors.push({ path, message: `"${datasetId}" is not a dataset of records` });
      }
    });
    if (errors.length > 0)
      throw problem('invalid-body', { detail: 'The order must name record datasets of this sandbox.', errors });
  }

  private async change(
    tenant: Tenant,
    decide: (policies: readonly MergePolicy[]) => PolicyChange,
  ): Promise<MergePolicy> {
    const change = await this.store.change(tenant, decide);
    if (change.kind === 'refused') throw refusal(change.reason);
    return change.policy;
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

export function unknownPolicy(which: string): ProblemError {
  return problem('unknown-policy', { detail: `The sandbox has no merge policy ${which.slice(0, 256)}.` });
}

function refusal(reason: PolicyRefusal): ProblemError {
  switch (reason) {
    case 'unknown-policy':
      return problem('unknown-policy', { detail: 'The sandbox no longer has this merge policy.' });
    case 'changed-meanwhile':
      return problem('policy-changed', {
        detail: 'Somebody else changed the merge policy at the same moment; read it again and repeat the change.',
      });
    case 'too-many-policies':
      return problem('too-many-policies', {
        detail: `The sandbox has ${MOST_POLICIES} merge policies, the most it may have; delete one first.`,
      });
    case 'active-on-edge':
      return problem('policy-in-use', { detail: 'The merge policy is active on edge; make another one active first.' });
    case 'only-default':
      return problem('policy-in-use', {
        detail: 'The merge policy is the only default of its schema; make another one the default first.',
      });
  }
}
