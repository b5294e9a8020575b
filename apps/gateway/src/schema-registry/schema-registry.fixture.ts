import type { Tenant } from '@tessera/contracts';
import { DatasetStore, NamespaceStore, SchemaStore } from '@tessera/stores';
import { CatalogModule } from '../catalog/catalog.module.js';
import { SandboxSchemas } from '../catalog/schema-lookup.js';
import { startTestApplication, type Answer, type Call, type TestApplication } from '../fixtures/application.fixture.js';
import { SchemaRegistryModule } from './schema-registry.module.js';

export const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
export const EVENT = 'https://ns.adobe.com/xdm/context/experienceevent';

/** What tests read of a shown schema, descriptor or union. */
export interface Shown extends Record<string, unknown> {
  readonly $id: string;
  readonly 'meta:altId': string;
  readonly '@id': string;
  readonly version: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly results: readonly Shown[];
  readonly _page: { readonly next: string | null; readonly count: number };
}

/** The registry and the catalogue behind real admission, on real MongoDB. */
export async function startRegistry() {
  const application: TestApplication = await startTestApplication((database) => {
    const schemas = new SchemaStore(database);
    const datasets = new DatasetStore(database);
    return [
      SchemaRegistryModule.with({ schemas, datasets, namespaces: new NamespaceStore(database) }),
      CatalogModule.with({ datasets, schemas: new SandboxSchemas(schemas) }),
    ];
  });
  const call = (tenant: Tenant, below: string, options?: Call): Promise<Answer<Shown>> =>
    application.call<Shown>(tenant, `/data/foundation/schemaregistry/tenant/${below}`, options);
  const at = (id: string): string => `schemas/${encodeURIComponent(id)}`;
  const create = (tenant: Tenant, body: object) => call(tenant, 'schemas', { method: 'POST', body });
  const patch = (tenant: Tenant, id: string, ...body: object[]) => call(tenant, at(id), { method: 'PATCH', body });
  const describe = (tenant: Tenant, schema: string, body: object = {}) =>
    call(tenant, 'descriptors', {
      method: 'POST',
      body: {
        '@type': 'xdm:descriptorIdentity',
        'xdm:sourceSchema': schema,
        'xdm:sourceProperty': '/personalEmail/address',
        'xdm:namespace': 'Email',
        'xdm:property': 'xdm:code',
        'xdm:isPrimary': true,
        ...body,
      },
    });
  const dataset = (tenant: Tenant, id: string, tags: object = {}) =>
    application.call(tenant, '/data/foundation/catalog/dataSets', {
      method: 'POST',
      body: { name: `d${Math.random()}`, schemaRef: { id, contentType: 'application/vnd.adobe.xed+json' }, tags },
    });
  return {
    ...application,
    call: application.call.bind(application),
    registry: call,
    at,
    create,
    patch,
    describe,
    dataset,
  };
}

export type TestRegistry = Awaited<ReturnType<typeof startRegistry>>;

export const loyalty = {
  title: 'Loyalty members',
  description: 'On the card',
  type: 'object',
  'meta:class': PROFILE,
  allOf: [{ $ref: PROFILE }, { $ref: '#/definitions/loyalty' }],
  definitions: {
    loyalty: {
      properties: {
        loyalty: { type: 'object', properties: { tier: { type: 'string' }, points: { type: 'integer' } } },
      },
    },
  },
};
/** The patch that enables a schema for profiles. */
export const enable = { op: 'add', path: '/meta:immutableTags', value: ['union'] };
