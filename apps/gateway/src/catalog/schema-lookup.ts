import type { Tenant } from '@tessera/contracts';
import { schemaClasses, schemaClassOf, unionSchemaId } from '@tessera/domain';
import type { SchemaStore, StoredSchema } from '@tessera/stores';

/** What the catalogue needs of a schema. */
export interface KnownSchema {
  readonly id: string;
  /** Of the schema's class: attributes of somebody, or things that happened. */
  readonly behavior: 'record' | 'time-series';
  /** Whether datasets of it may feed profiles. Once a schema does, it stays so. */
  readonly enabled: boolean;
}

/** Finds a schema that datasets of a sandbox may have. */
export interface SchemaLookup {
  find(tenant: Tenant, id: string): Promise<KnownSchema | undefined>;

  /**
   * To be called after a dataset of the schema was recorded: makes sure that nobody deletes the schema without seeing it.
   *
   * @returns whether the schema is still there; otherwise the dataset must go.
   */
  hold(tenant: Tenant, id: string): Promise<boolean>;
}

/** Unions are for datasets that exports are written into: what they hold never comes back as a profile. */
const builtIn: readonly KnownSchema[] = schemaClasses.flatMap(({ id, behavior }) => [
  { id, behavior, enabled: true },
  { id: unionSchemaId(id), behavior, enabled: false },
]);

/** The permissive schemas every sandbox has (spec 03-ingestion, "Schemas"), those of the business entities, and the unions. */
export const builtInSchemas: SchemaLookup = {
  find: (_tenant, id) => Promise.resolve(builtIn.find((schema) => schema.id === id)),
  hold: () => Promise.resolve(true),
};

/** The built-in schemas and those of the sandbox. */
export class SandboxSchemas implements SchemaLookup {
  constructor(private readonly store: SchemaStore) {}

  async find(tenant: Tenant, id: string): Promise<KnownSchema | undefined> {
    const known = await builtInSchemas.find(tenant, id);
    if (known !== undefined) return known;
    const schema = await this.own(tenant, id);
    const schemaClass = schemaClassOf(schema?.classId);
    return schema && schemaClass && { id, behavior: schemaClass.behavior, enabled: schema.enabled };
  }

  /** A change that changes nothing: a deletion decided before it, without the dataset in sight, is decided again. */
  async hold(tenant: Tenant, id: string): Promise<boolean> {
    if ((await builtInSchemas.find(tenant, id)) !== undefined) return true;
    for (;;) {
      const revision = await this.store.revision(tenant);
      if ((await this.own(tenant, id)) === undefined) return false;
      if (await this.store.change(tenant, revision, {})) return true;
    }
  }

  private async own(tenant: Tenant, id: string): Promise<StoredSchema | undefined> {
    const [schema] = await this.store.findMany(tenant, [id]);
    return schema;
  }
}
