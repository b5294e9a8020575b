import type { Tenant } from '@tessera/contracts';
import { DatasetStore, MergePolicyStore, type StoredDataset } from '@tessera/stores';
import { startTestApplication, type Answer, type Call } from '../fixtures/application.fixture.js';
import { MergePoliciesModule } from './merge-policies.module.js';

const base = '/data/core/ups/config/mergePolicies';

export interface Policy {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly default: boolean;
  readonly isActiveOnEdge: boolean;
  readonly identityGraph: { readonly type: string };
  readonly attributeMerge: { readonly type: string; readonly order?: readonly string[] };
  readonly schema: { readonly name: string };
}

export interface Page {
  readonly _page: { readonly totalCount: number; readonly pageSize: number; readonly count: number };
  readonly children: readonly Policy[];
  readonly _links: { readonly next: { readonly href: string } };
}

export interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** A body that makes a policy. */
export function policyBody(overrides: object = {}): object {
  return {
    name: 'Loyalty first',
    schema: { name: '_xdm.context.profile' },
    identityGraph: { type: 'pdg' },
    attributeMerge: { type: 'timestampOrdered' },
    ...overrides,
  };
}

/** The merge policy endpoints, with short ways to call them. */
export interface PolicyApplication {
  newTenant(): Tenant;
  get<Body = Policy>(tenant: Tenant, path?: string, call?: Call): Promise<Answer<Body>>;
  post<Body = Policy>(tenant: Tenant, body: unknown, path?: string): Promise<Answer<Body>>;
  patch<Body = Policy>(tenant: Tenant, id: string, body: unknown): Promise<Answer<Body>>;
  remove(tenant: Tenant, id: string): Promise<Answer>;
  /** A policy that is there for sure. */
  create(tenant: Tenant, overrides?: object): Promise<Policy>;
  /** The id of a new dataset. */
  dataset(tenant: Tenant, behavior?: 'record' | 'time-series'): Promise<string>;
  close(): Promise<void>;
}

export async function startPolicyApplication(): Promise<PolicyApplication> {
  const application = await startTestApplication((database) => [
    MergePoliciesModule.with({ policies: new MergePolicyStore(database), datasets: new DatasetStore(database) }),
  ]);
  const datasets = new DatasetStore(application.database);
  const post: PolicyApplication['post'] = (tenant, body, path = '') =>
    application.call(tenant, `${base}${path}`, { method: 'POST', body });
  return {
    newTenant: application.newTenant,
    close: application.close,
    post,
    get: (tenant, path = '', call = {}) => application.call(tenant, `${base}${path}`, call),
    patch: (tenant, id, body) => application.call(tenant, `${base}/${id}`, { method: 'PATCH', body }),
    remove: (tenant, id) => application.call(tenant, `${base}/${id}`, { method: 'DELETE' }),
    create: async (tenant, overrides = {}) => {
      const answer = await post<Policy>(tenant, policyBody(overrides));
      expect(answer.status).toBe(200);
      return answer.body;
    },
    dataset: async (tenant, behavior = 'record') => {
      const created = await datasets.create({
        tenant,
        name: `dataset ${Math.random()}`,
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
