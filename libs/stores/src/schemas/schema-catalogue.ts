import { LRUCache } from 'lru-cache';
import { tenantKey, type JsonObject, type Tenant } from '@tessera/contracts';
import { builtInDocument, foreignReferences, identityFieldOf, RecordSchema } from '@tessera/domain';
import type { SchemaReader } from './schema-store.js';
import type { StoredDescriptor, StoredSchema } from './stored-schema.js';

/** Compiled schemas kept, of all sandboxes. */
const MOST_SCHEMAS = 1_000;

interface Compiled {
  /** Of the sandbox's registry, when the schema was last seen to be current. */
  readonly revision: number;
  /** What it was made of. */
  readonly fingerprint: string;
  readonly schema: RecordSchema;
}

/**
 * Schemas ready for checking records, compiled once for each version. What is answered is as current as the question: a
 * change made before it is seen, at the price of one small read for each question about a sandbox's own schemas. Questions
 * about built-in ones cost nothing.
 */
export class SchemaCatalogue {
  private readonly compiled = new LRUCache<string, Compiled>({ max: MOST_SCHEMAS });

  constructor(private readonly reader: SchemaReader) {}

  /** One of a sandbox's own schemas; undefined for built-in and for unknown ones. @throws UnavailableError */
  async find(tenant: Tenant, id: string): Promise<RecordSchema | undefined> {
    return (await this.findMany(tenant, [id])).get(id);
  }

  /** Those of the ids that are the sandbox's own schemas. @throws UnavailableError */
  async findMany(tenant: Tenant, ids: Iterable<string>): Promise<ReadonlyMap<string, RecordSchema>> {
    const found = new Map<string, RecordSchema>();
    const own = [...new Set(ids)].filter((id) => builtInDocument(id) === undefined);
    if (own.length === 0) return found;
    const revision = await this.reader.revision(tenant);
    const missing: string[] = [];
    for (const id of own) {
      const known = this.compiled.get(keyOf(tenant, id));
      if (known?.revision === revision) found.set(id, known.schema);
      else missing.push(id);
    }
    if (missing.length > 0) {
      for (const [id, schema] of await this.load(tenant, missing, revision)) found.set(id, schema);
    }
    return found;
  }

  private async load(tenant: Tenant, ids: readonly string[], revision: number): Promise<Map<string, RecordSchema>> {
    const stored = await this.withReferences(tenant, ids);
    const descriptors = await this.reader.descriptorsOf(tenant, ids);
    const found = new Map<string, RecordSchema>();
    for (const id of ids) {
      const own = stored.get(id);
      if (own === undefined) continue;
      const fields = descriptors.filter(({ schemaId }) => schemaId === id);
      const fingerprint = fingerprintOf(own, stored, fields);
      const known = this.compiled.get(keyOf(tenant, id));
      const schema = known?.fingerprint === fingerprint ? known.schema : compile(own, stored, fields);
      this.compiled.set(keyOf(tenant, id), { revision, fingerprint, schema });
      found.set(id, schema);
    }
    return found;
  }

  /** Schemas with all that they refer to, directly or not. */
  private async withReferences(tenant: Tenant, ids: readonly string[]): Promise<ReadonlyMap<string, StoredSchema>> {
    const stored = new Map<string, StoredSchema>();
    const asked = new Set<string>();
    let open: readonly string[] = ids;
    while (open.length > 0) {
      for (const id of open) asked.add(id);
      const next = new Set<string>();
      for (const schema of await this.reader.findMany(tenant, open)) {
        stored.set(schema.id, schema);
        for (const reference of foreignReferences(schema.document)) if (!asked.has(reference)) next.add(reference);
      }
      open = [...next];
    }
    return stored;
  }
}

function compile(
  { id, document }: StoredSchema,
  stored: ReadonlyMap<string, StoredSchema>,
  descriptors: readonly StoredDescriptor[],
): RecordSchema {
  const identityFields = descriptors.map((descriptor) => identityFieldOf(descriptor.document, descriptor.namespace));
  const lookup = (reference: string): JsonObject | undefined => stored.get(reference)?.document;
  return new RecordSchema({ id, document, lookup, identityFields });
}

/** Ids and versions of all that decides about records of a schema. Descriptors never change. */
function fingerprintOf(
  schema: StoredSchema,
  stored: ReadonlyMap<string, StoredSchema>,
  descriptors: readonly StoredDescriptor[],
): string {
  const used = new Set([schema.id]);
  for (const id of used) {
    const document = stored.get(id)?.document;
    if (document !== undefined) for (const reference of foreignReferences(document)) used.add(reference);
  }
  const versions = [...used].sort().map((id) => `${id}@${stored.get(id)?.version ?? ''}`);
  return [...versions, ...descriptors.map(({ id }) => id)].join(' ');
}

function keyOf(tenant: Tenant, id: string): string {
  return `${tenantKey(tenant)}/${id}`;
}
