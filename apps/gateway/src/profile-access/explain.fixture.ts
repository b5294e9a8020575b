import type { JsonObject, Tenant } from '@tessera/contracts';
import { versionOf, withNewPolicy, type PolicySettings } from '@tessera/domain';
import { DatasetStore, FragmentWriter, MergePolicyStore, type StoredDataset } from '@tessera/stores';
import { startTestApplication } from '../fixtures/application.fixture.js';
import { evidence, graphOf, xid } from '../identity/identity.fixture.js';
import { PolicyPreviewModule } from '../policy-preview/policy-preview.module.js';
import { ExplainModule } from './explain.module.js';
import { ProfileAccessModule } from './profile-access.module.js';

/** Lookups, their explanations and previews of policies, over data put straight into the stores. */
export async function startExplainApplication(maxIdentities = 50) {
  const application = await startTestApplication((database) => [
    ProfileAccessModule.with({ database, maxIdentities }),
    ExplainModule.with({ database, maxIdentities }),
    PolicyPreviewModule.with({ database, maxIdentities }),
  ]);
  const { database } = application;
  const fragments = new FragmentWriter(database);
  const policies = new MergePolicyStore(database);
  const datasets = new DatasetStore(database);
  const graph = graphOf(database);
  let count = 0;
  const place = (tenant: Tenant, of: string, datasetId: string, age: number) => {
    const version = versionOf(age, { acceptedAt: 5, position: String((count += 1)).padStart(12, '0') });
    return { datasetId, xid: xid(tenant, of), age, version, acceptedAt: 5 };
  };
  return {
    ...application,
    maintenance: graph.maintenance,
    /** A record about an identity, written `namespace:value`. */
    record: async (tenant: Tenant, of: string, datasetId: string, age: number, body: JsonObject) => {
      await fragments.apply(tenant, [{ ...place(tenant, of, datasetId, age), body: JSON.stringify(body) }]);
    },
    /** A record that changes single fields. */
    partialRecord: async (tenant: Tenant, of: string, datasetId: string, age: number, partial: JsonObject) => {
      await fragments.apply(tenant, [{ ...place(tenant, of, datasetId, age), partial }]);
    },
    link: async (tenant: Tenant, identities: readonly string[], more: Parameters<typeof evidence>[2] = {}) => {
      await graph.writer.apply(tenant, [evidence(tenant, identities, more)]);
    },
    /** The id of a new policy. */
    policy: async (tenant: Tenant, settings: Partial<PolicySettings>): Promise<string> => {
      const id = `policy-${(count += 1)}`;
      const whole: PolicySettings = {
        name: id,
        schema: { name: '_xdm.context.profile' },
        identityGraph: { type: 'pdg' },
        attributeMerge: { type: 'timestampOrdered' },
        isActiveOnEdge: false,
        default: false,
        ...settings,
      };
      await policies.change(tenant, (known) => withNewPolicy(known, tenant, whole, { id, updateEpoch: 0 }));
      return id;
    },
    /** The id of a new dataset. */
    dataset: async (tenant: Tenant, behavior: 'record' | 'time-series' = 'record'): Promise<string> => {
      const created = await datasets.create({
        tenant,
        name: `dataset ${(count += 1)}`,
        schemaRef: { id: 'https://ns.adobe.com/xdm/context/profile' },
        tags: {},
        rules: { behavior, profile: true, identity: true, upsert: false },
        created: 0,
        updated: 0,
        version: '1.0.0',
        createdUser: 'test',
      });
      return (created as StoredDataset).id;
    },
  };
}

export type ExplainApplication = Awaited<ReturnType<typeof startExplainApplication>>;
