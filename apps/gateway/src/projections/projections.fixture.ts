import type { Tenant } from '@tessera/contracts';
import { ProjectionStore } from '@tessera/stores';
import { startTestApplication, type Call } from '../fixtures/application.fixture.js';
import { ProjectionsModule } from './projections.module.js';

export const destinationsPath = '/data/core/ups/config/destinations';
export const projectionsPath = '/data/core/ups/config/projections';
export const destinationType = 'application/vnd.adobe.platform.projectionDestination+json';
export const configurationType = 'application/vnd.adobe.platform.projectionConfig+json';
export const profileSchema = 'schemaName=_xdm.context.profile';

export interface Link {
  readonly href: string;
  readonly templated?: boolean;
}

export interface Destination {
  readonly self: Link;
  readonly id: string;
  readonly type: string;
  readonly dataCenters: readonly string[];
  readonly ttl: number;
  readonly replicationPolicy: string;
  readonly version: number;
}

export interface Configuration {
  readonly _links: { readonly destination: Link; readonly self: Link };
  readonly _embedded: { readonly destination: Destination };
  readonly selector: string;
  readonly version: number;
  readonly id: string;
  readonly schemaName: string;
  readonly name: string;
  readonly destinationId: string;
}

export interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** The endpoints of projections on a real MongoDB, with short ways to call them. */
export async function startProjectionsApplication() {
  const application = await startTestApplication((database) => [
    ProjectionsModule.with({ projections: new ProjectionStore(database), dataCenters: ['OR1', 'VA5'] }),
  ]);
  const send =
    (mediaType: string) =>
    <Body>(tenant: Tenant, method: 'POST' | 'PUT', path: string, body: unknown, type = mediaType) =>
      application.call<Body>(tenant, path, { method, body, headers: { 'content-type': type } });
  const sendDestination = send(destinationType);
  const sendConfiguration = send(configurationType);
  return {
    newTenant: application.newTenant,
    close: application.close,
    get: <Body>(tenant: Tenant, path: string, call: Call = {}) => application.call<Body>(tenant, path, call),
    remove: (tenant: Tenant, path: string) => application.call<Problem>(tenant, path, { method: 'DELETE' }),
    sendDestination,
    sendConfiguration,
    /** A destination that is there for sure. */
    destination: async (tenant: Tenant, settings: object = {}): Promise<Destination> => {
      const body = { type: 'EDGE', dataCenters: ['OR1'], ...settings };
      return (await sendDestination<Destination>(tenant, 'POST', destinationsPath, body)).body;
    },
    /** A configuration that is there for sure. */
    configuration: async (tenant: Tenant, destinationId: string, settings: object = {}): Promise<Configuration> => {
      const body = { name: 'contact', selector: 'emails,person(firstName)', destinationId, ...settings };
      const path = `${projectionsPath}?${profileSchema}`;
      return (await sendConfiguration<Configuration>(tenant, 'POST', path, body)).body;
    },
  };
}
