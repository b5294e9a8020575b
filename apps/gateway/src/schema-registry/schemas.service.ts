import { Inject, Injectable } from '@nestjs/common';
import type { Fault, JsonObject, JsonValue, Tenant } from '@tessera/contracts';
import { applyJsonPatch, builtInDocument, isJsonObject, type PatchOperation } from '@tessera/domain';
import { compileSchema, faultsOf, problem, type ProblemError, type Requester, type Sandbox } from '@tessera/http';
import { DatasetStore, SchemaStore, type CreationPlace, type StoredSchema } from '@tessera/stores';
import { patchProblem } from '../patch-problem.js';
import { changeRegistry } from './registry-change.js';
import { checkChange, checkPrimary, checkSchema, classOf, dependsOn, isEnabled, lookupIn } from './registry-rules.js';
import { schemaBodySchema } from './registry.schema.js';
import {
  changedRegistryFields,
  clientPart,
  detailed,
  newSchemaNames,
  schemaAnswer,
  type Detail,
} from './schema-answer.js';
import { checkUnion } from './union-rules.js';

const FIRST_VERSION = '1.0';
const isSchemaBody = compileSchema<JsonObject>(schemaBodySchema);

/** The schemas of a sandbox: its own and, to be read, the built-in ones (spec 03-ingestion, "Schemas"). */
@Injectable()
export class SchemasService {
  constructor(
    @Inject(SchemaStore) private readonly store: SchemaStore,
    @Inject(DatasetStore) private readonly datasets: DatasetStore,
  ) {}

  /** @throws ProblemError `invalid-body`, `no-primary-identity`, `union-conflict`. */
  create({ tenant, sandbox, clientId }: Requester, body: JsonObject): Promise<JsonObject> {
    const { id, altId } = newSchemaNames(tenant);
    const misshapen = shapeFaults(body);
    const { classId, faults: ofClass } = classOf(body);
    const document = clientPart(body, id, classId);
    return changeRegistry(this.store, tenant, (snapshot) => {
      const now = Date.now();
      const schema: StoredSchema = {
        id,
        altId,
        tenant,
        classId,
        title: document['title'] as string,
        enabled: isEnabled(document),
        version: FIRST_VERSION,
        created: now,
        updated: now,
        createdClient: clientId,
        document,
      };
      checkSchema(schema, snapshot, misshapen, ofClass);
      checkPrimary(schema, snapshot);
      checkUnion(schema, snapshot.schemas, [...snapshot.schemas, schema]);
      return [{ schemas: [schema] }, schemaAnswer(schema, sandbox)];
    });
  }

  /** @throws ProblemError `unknown-schema`. */
  async get({ tenant, sandbox }: Requester, id: string, detail: Detail): Promise<JsonObject> {
    const builtIn = builtInDocument(id);
    if (builtIn !== undefined) return detailed(builtIn, detail, () => undefined);
    const schema = await this.store.find(tenant, id);
    if (schema === undefined) throw unknownSchema(id);
    const others = detail === 'full' ? (await this.store.load(tenant)).schemas : [];
    return detailed(schemaAnswer(schema, sandbox), detail, lookupIn(others));
  }

  /** Oldest first, and one more than asked for where there is one. */
  async list(
    { tenant, sandbox }: Requester,
    detail: Detail,
    limit: number,
    after?: CreationPlace,
  ): Promise<{ readonly place: CreationPlace; readonly shown: JsonObject }[]> {
    const schemas = await this.store.list(tenant, limit, after);
    const lookup = lookupIn(detail === 'full' ? (await this.store.load(tenant)).schemas : []);
    return schemas.map((schema) => ({
      place: { created: schema.created, id: schema.id },
      shown: detailed(schemaAnswer(schema, sandbox), detail, lookup),
    }));
  }

  /**
   * Changes a schema by a JSON Patch.
   *
   * @throws ProblemError `unknown-schema`, `built-in-schema`, `patch-not-applicable`, `registry-changed`, `invalid-body`,
   * `change-not-additive`, `no-primary-identity`, `schema-in-use`, `union-conflict`.
   */
  patch({ tenant, sandbox }: Requester, id: string, operations: readonly PatchOperation[]): Promise<JsonObject> {
    return this.change(tenant, sandbox, id, (shown) => {
      const result = applyJsonPatch(shown, operations);
      if (!result.ok) throw patchProblem(result, 'registry-changed');
      const fixed = isJsonObject(result.document) ? changedRegistryFields(shown, result.document) : [];
      const faults = fixed.map((key) => ({ path: `/${key}`, message: 'is the registry’s to decide' }));
      return { body: result.document, faults };
    });
  }

  /** Puts another schema in its place, by the same rules as {@link patch}. */
  replace({ tenant, sandbox }: Requester, id: string, body: JsonObject): Promise<JsonObject> {
    return this.change(tenant, sandbox, id, () => ({ body, faults: [] }));
  }

  /** @throws ProblemError `unknown-schema`, `built-in-schema`, `schema-in-use`. */
  async remove({ tenant }: Requester, id: string): Promise<void> {
    await changeRegistry(this.store, tenant, async ({ schemas, descriptors }) => {
      const schema = ownSchema(schemas, id);
      const user = schemas.find((other) => other.id !== schema.id && dependsOn(other.id, schema.id, schemas));
      if (user !== undefined) throw inUse(`the schema ${user.id} refers to it`);
      const dataset = await this.datasets.findBySchema(tenant, schema.id);
      if (dataset !== undefined) throw inUse(`the dataset ${dataset.id} ("${dataset.name}") uses it`);
      const own = descriptors.filter(({ schemaId }) => schemaId === schema.id).map((descriptor) => descriptor.id);
      return [{ deletedSchemas: [schema.id], deletedDescriptors: own }, undefined];
    });
  }

  private change(
    tenant: Tenant,
    sandbox: Sandbox,
    id: string,
    make: (shown: JsonObject) => { readonly body: JsonValue; readonly faults: readonly Fault[] },
  ): Promise<JsonObject> {
    return changeRegistry(this.store, tenant, (snapshot) => {
      const before = ownSchema(snapshot.schemas, id);
      const { body, faults } = make(schemaAnswer(before, sandbox));
      const misshapen = shapeFaults(body);
      if (!isJsonObject(body)) throw invalid(misshapen);
      const named = body['meta:class'] === undefined ? { ...body, 'meta:class': before.classId } : body;
      const { classId, faults: ofClass } = classOf(named);
      const document = clientPart(body, before.id, classId);
      const after: StoredSchema = {
        ...before,
        classId,
        title: document['title'] as string,
        enabled: isEnabled(document),
        version: nextVersion(before.version),
        updated: Date.now(),
        document,
      };
      const schemas = snapshot.schemas.map((schema) => (schema.id === after.id ? after : schema));
      checkSchema(after, { schemas }, faults, misshapen, ofClass);
      checkChange(before, after, snapshot);
      checkUnion(after, snapshot.schemas, schemas);
      return [{ schemas: [after] }, schemaAnswer(after, sandbox)];
    });
  }
}

function shapeFaults(body: JsonValue): readonly Fault[] {
  return isSchemaBody(body) ? [] : faultsOf(isSchemaBody.errors ?? []);
}

/** @throws ProblemError `unknown-schema`, `built-in-schema`. */
function ownSchema(schemas: readonly StoredSchema[], id: string): StoredSchema {
  const schema = schemas.find((known) => known.id === id || known.altId === id);
  if (schema !== undefined) return schema;
  if (builtInDocument(id) === undefined) throw unknownSchema(id);
  throw problem('built-in-schema', { detail: `The schema ${id} is built in and cannot be changed or deleted.` });
}

/** Raises the last part of `<major>.<minor>`. */
function nextVersion(version: string): string {
  const [major = '1', minor = '0'] = version.split('.');
  return `${major}.${Number(minor) + 1}`;
}

export function unknownSchema(id: string): ProblemError {
  return problem('unknown-schema', { detail: `The sandbox has no schema ${id.slice(0, 256)}.` });
}

function inUse(why: string): ProblemError {
  return problem('schema-in-use', { detail: `The schema cannot be deleted: ${why}. Delete that first.` });
}

function invalid(errors: readonly { readonly path: string; readonly message: string }[]): ProblemError {
  return problem('invalid-body', {
    detail: 'The change does not make a valid schema; errors lists every fault.',
    errors,
  });
}
