import type { Tenant } from '@tessera/contracts';
import { DatasetStore } from '@tessera/stores';
import { startTestApplication, type Answer, type Call } from '../fixtures/application.fixture.js';
import { CatalogModule } from './catalog.module.js';

export const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
export const jsonPatch = { 'content-type': 'application/json-patch+json' };

export type DatasetsById = Record<string, Record<string, unknown>>;

/** The catalogue behind real admission, on real MongoDB. */
export async function startCatalog() {
  const application = await startTestApplication((database) => [
    CatalogModule.with({ datasets: new DatasetStore(database) }),
  ]);
  const call = <Body = Record<string, unknown>>(tenant: Tenant, below = '', options?: Call): Promise<Answer<Body>> =>
    application.call<Body>(tenant, `/data/foundation/catalog/dataSets${below}`, options);

  /** @returns its id. */
  const createDataset = async (tenant: Tenant, overrides?: Record<string, unknown>): Promise<string> => {
    const answer = await call<string[]>(tenant, '', { method: 'POST', body: datasetBody(overrides) });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual([expect.stringMatching(/^@\/dataSets\/[0-9a-f]{24}$/)]);
    return String(answer.body[0]).slice('@/dataSets/'.length);
  };

  const datasetOf = async (tenant: Tenant, id: string): Promise<Record<string, unknown>> => {
    const answer = await call<DatasetsById>(tenant, `/${id}`);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual([id]);
    return answer.body[id] ?? {};
  };

  return { application, call, createDataset, datasetOf };
}

export type TestCatalog = Awaited<ReturnType<typeof startCatalog>>;

/** The body that creates a dataset of profiles. */
export function datasetBody(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'Loyalty',
    schemaRef: { id: PROFILE, contentType: 'application/vnd.adobe.xed-full+json' },
    ...overrides,
  };
}

/** Where an answer tells of faults. */
export function pathsOf({ body }: Answer): string[] {
  return (body['errors'] as { path: string }[]).map(({ path }) => path).sort();
}
