import type { Tenant } from '@tessera/contracts';
import { builtInSchemas as schemas, businessSchemas } from '@tessera/domain';

/** What the catalogue needs of a schema. */
export interface KnownSchema {
  readonly id: string;
  /** Of the schema's class: attributes of somebody, or things that happened. */
  readonly behavior: 'record' | 'time-series';
}

/** Finds a schema that datasets of a sandbox may have. */
export interface SchemaLookup {
  find(tenant: Tenant, id: string): Promise<KnownSchema | undefined>;
}

const builtIn: readonly KnownSchema[] = [
  { id: schemas.profile, behavior: 'record' },
  { id: schemas.event, behavior: 'time-series' },
  { id: businessSchemas.account, behavior: 'record' },
  { id: businessSchemas.opportunity, behavior: 'record' },
];

/** The permissive schemas every sandbox has (spec 03-ingestion, "Schemas"), and those of the business entities. */
export const builtInSchemas: SchemaLookup = {
  find: (_tenant, id) => Promise.resolve(builtIn.find((schema) => schema.id === id)),
};
