import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Fault, JsonObject, Tenant } from '@tessera/contracts';
import { builtInDocument, builtInNamespaces, emptyObject, hasIdentityMap, sourceFaults } from '@tessera/domain';
import { compileSchema, faultsOf, problem, type ProblemError, type Requester, type Sandbox } from '@tessera/http';
import {
  NamespaceStore,
  SchemaStore,
  type CreationPlace,
  type StoredDescriptor,
  type StoredSchema,
} from '@tessera/stores';
import { changeRegistry } from './registry-change.js';
import { fieldsOf, lookupIn } from './registry-rules.js';
import { descriptorBodySchema } from './registry.schema.js';

/** A body that matches `descriptorBodySchema`. */
interface DescriptorBody {
  readonly '@type': string;
  readonly 'xdm:sourceSchema': string;
  readonly 'xdm:sourceVersion'?: number;
  readonly 'xdm:sourceProperty': string;
  readonly 'xdm:namespace': string | number;
  readonly 'xdm:property'?: 'xdm:code' | 'xdm:id';
  readonly 'xdm:isPrimary'?: boolean;
}

const isDescriptorBody = compileSchema<DescriptorBody>(descriptorBodySchema);

/** Descriptors of a sandbox: which fields of its schemas are identities (spec 03-ingestion, "Schemas"). */
@Injectable()
export class DescriptorsService {
  constructor(
    @Inject(SchemaStore) private readonly store: SchemaStore,
    @Inject(NamespaceStore) private readonly namespaces: NamespaceStore,
  ) {}

  /** @throws ProblemError `invalid-body` with every fault, `descriptor-exists`. */
  async create({ tenant, sandbox }: Requester, body: JsonObject): Promise<JsonObject> {
    const misshapen = isDescriptorBody(body) ? [] : faultsOf(isDescriptorBody.errors ?? []);
    const isSound = (name: keyof DescriptorBody) => misshapen.every(({ path }) => path !== `/${name}`);
    // What is misshapen is not looked for; what is well-formed beside it is.
    const named = body as unknown as DescriptorBody;
    const namesNamespace = isSound('xdm:namespace') && isSound('xdm:property');
    const namespace = namesNamespace ? await this.namespaceOf(tenant, named) : undefined;
    return changeRegistry(this.store, tenant, ({ schemas, descriptors }) => {
      const schema = schemas.find(({ id, altId }) => [id, altId].includes(named['xdm:sourceSchema']));
      const errors: Fault[] = [...misshapen];
      if (schema === undefined && isSound('xdm:sourceSchema')) errors.push(schemaFault(named['xdm:sourceSchema']));
      if (schema !== undefined && isSound('xdm:sourceProperty')) {
        errors.push(...sourceFaults(fieldsOf(schema, lookupIn(schemas)), named['xdm:sourceProperty']));
      }
      if (namespace === undefined && namesNamespace) {
        errors.push({ path: '/xdm:namespace', message: 'is no identity namespace of this sandbox; create it first' });
      }
      if (errors.length > 0 || schema === undefined || namespace === undefined) throw invalid(errors);
      const descriptor = newDescriptor(tenant, schema, namespace, named);
      checkUnique(descriptor, descriptors);
      return [{ descriptors: [descriptor] }, descriptorAnswer(descriptor, sandbox)];
    });
  }

  /** @throws ProblemError `unknown-descriptor`. */
  async get({ tenant, sandbox }: Requester, id: string): Promise<JsonObject> {
    const descriptor = await this.store.findDescriptor(tenant, id);
    if (descriptor === undefined) throw unknownDescriptor(id);
    return descriptorAnswer(descriptor, sandbox);
  }

  /** Oldest first. */
  async list(
    { tenant, sandbox }: Requester,
    limit: number,
    after?: CreationPlace,
  ): Promise<{ readonly place: CreationPlace; readonly shown: JsonObject }[]> {
    const descriptors = await this.store.listDescriptors(tenant, limit, after);
    return descriptors.map((descriptor) => ({
      place: { created: descriptor.created, id: descriptor.id },
      shown: descriptorAnswer(descriptor, sandbox),
    }));
  }

  /** @throws ProblemError `unknown-descriptor`, `schema-in-use` for the primary identity of an enabled schema. */
  async remove({ tenant }: Requester, id: string): Promise<void> {
    await changeRegistry(this.store, tenant, ({ schemas, descriptors }) => {
      const descriptor = descriptors.find((known) => known.id === id);
      if (descriptor === undefined) throw unknownDescriptor(id);
      const schema = schemas.find((known) => known.id === descriptor.schemaId);
      const isNeeded = descriptor.isPrimary && schema?.enabled === true;
      if (isNeeded && !hasIdentityMap(fieldsOf(schema, lookupIn(schemas)))) {
        throw problem('schema-in-use', {
          detail: `The schema ${schema.id} is enabled for profiles and has no other primary identity; the descriptor stays.`,
        });
      }
      return [{ deletedDescriptors: [id] }, undefined];
    });
  }

  /** Code of the namespace that a descriptor names, as registered. */
  private async namespaceOf(tenant: Tenant, body: DescriptorBody): Promise<string | undefined> {
    const wanted = String(body['xdm:namespace']).toLowerCase();
    const all = [...builtInNamespaces, ...(await this.namespaces.list(tenant))];
    const byId = body['xdm:property'] === 'xdm:id';
    return all.find(({ id, code }) => (byId ? String(id) : code.toLowerCase()) === wanted)?.code;
  }
}

function newDescriptor(
  tenant: Tenant,
  schema: StoredSchema,
  namespace: string,
  body: DescriptorBody,
): StoredDescriptor {
  const isPrimary = body['xdm:isPrimary'] ?? false;
  const document = Object.assign(emptyObject(), {
    '@type': body['@type'],
    'xdm:sourceSchema': schema.id,
    'xdm:sourceVersion': body['xdm:sourceVersion'] ?? 1,
    'xdm:sourceProperty': body['xdm:sourceProperty'],
    'xdm:namespace': body['xdm:namespace'],
    'xdm:property': body['xdm:property'] ?? 'xdm:code',
    'xdm:isPrimary': isPrimary,
  });
  const created = Date.now();
  const id = createHash('sha256')
    .update(`${schema.id} ${body['xdm:sourceProperty']} ${created}`)
    .digest('hex')
    .slice(0, 40);
  return { id, tenant, schemaId: schema.id, namespace, isPrimary, created, document };
}

/** @throws ProblemError `descriptor-exists`. */
function checkUnique(descriptor: StoredDescriptor, descriptors: readonly StoredDescriptor[]): void {
  const own = descriptors.filter(({ schemaId }) => schemaId === descriptor.schemaId);
  const property = descriptor.document['xdm:sourceProperty'];
  const same = own.find(({ document }) => document['xdm:sourceProperty'] === property);
  const primary = descriptor.isPrimary ? own.find(({ isPrimary }) => isPrimary) : undefined;
  const taken = same ?? primary;
  if (taken === undefined) return;
  const what = same ? 'The field is an identity already' : 'The schema has a primary identity already';
  throw problem('descriptor-exists', { detail: `${what}, by the descriptor ${taken.id}; delete that first.` });
}

function descriptorAnswer({ id, tenant, document }: StoredDescriptor, sandbox: Sandbox): JsonObject {
  return Object.assign(emptyObject(), document, {
    '@id': id,
    imsOrg: tenant.organisation,
    version: '1',
    'meta:containerId': 'tenant',
    'meta:sandboxId': sandbox.id,
    'meta:sandboxType': sandbox.type,
  });
}

function schemaFault(id: string): Fault {
  const message =
    builtInDocument(id) === undefined
      ? 'is no schema of this sandbox'
      : 'is built in: its records state identities in identityMap; make a schema that refers to it';
  return { path: '/xdm:sourceSchema', message };
}

function invalid(errors: readonly Fault[]): ProblemError {
  return problem('invalid-body', { detail: 'No field can be an identity this way; errors lists every fault.', errors });
}

function unknownDescriptor(id: string): ProblemError {
  return problem('unknown-descriptor', { detail: `The sandbox has no descriptor ${id.slice(0, 256)}.` });
}
