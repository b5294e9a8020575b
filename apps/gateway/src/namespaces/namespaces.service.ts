import { Inject, Injectable } from '@nestjs/common';
import type { Fault, Tenant } from '@tessera/contracts';
import { builtInNamespaces, type IdType, type Namespace } from '@tessera/domain';
import { problem, type ProblemError } from '@tessera/http';
import { NamespaceStore, type StoredNamespace } from '@tessera/stores';

/** A body that matches `namespaceBodySchema`. */
export interface NamespaceBody {
  readonly name: string;
  readonly code: string;
  readonly idType: string;
  readonly description?: string;
}

/** A body that matches `namespaceChangeSchema`. */
export type NamespaceChange = Pick<NamespaceBody, 'name' | 'description'> & Partial<NamespaceBody>;

/** The built-in namespaces are as old as the platform. */
const BUILT_IN_SINCE = Date.UTC(2026, 0, 1);

const builtIn: readonly StoredNamespace[] = builtInNamespaces.map((namespace) => ({
  ...namespace,
  createTime: BUILT_IN_SINCE,
  updateTime: BUILT_IN_SINCE,
}));

/** The identity namespaces of a sandbox: those it is born with and its own (spec 04-identity). */
@Injectable()
export class NamespacesService {
  constructor(@Inject(NamespaceStore) private readonly namespaces: NamespaceStore) {}

  /** By id. */
  async list(tenant: Tenant): Promise<readonly StoredNamespace[]> {
    return [...builtIn, ...(await this.namespaces.list(tenant))];
  }

  /** @throws ProblemError `unknown-namespace`. */
  async get(tenant: Tenant, id: string): Promise<StoredNamespace> {
    const namespace = (await this.list(tenant)).find((known) => String(known.id) === id);
    if (namespace === undefined) throw unknownNamespace(id);
    return namespace;
  }

  /** @throws ProblemError `namespace-exists`. */
  async create(tenant: Tenant, body: NamespaceBody): Promise<StoredNamespace> {
    const { name, code, description = '' } = body;
    if (builtInNamespaces.some((namespace) => isSameCode(namespace, code))) throw codeTaken(code);
    const namespace = { name, code, description, idType: body.idType.toUpperCase() as IdType };
    const created = await this.namespaces.create(tenant, namespace, Date.now());
    if (created === 'code-taken') throw codeTaken(code);
    return created;
  }

  /** @throws ProblemError `unknown-namespace`, `built-in-namespace`, `invalid-body` for another code or kind. */
  async change(tenant: Tenant, id: string, body: NamespaceChange): Promise<StoredNamespace> {
    const current = await this.get(tenant, id);
    if (!current.custom) {
      throw problem('built-in-namespace', {
        detail: `The namespace ${current.code} is built in and cannot be changed.`,
      });
    }
    checkUnchanged(current, body);
    const { name, description = current.description } = body;
    const changed = await this.namespaces.update(tenant, current.id, { name, description }, Date.now());
    if (changed === undefined) throw unknownNamespace(id);
    return changed;
  }
}

function checkUnchanged(current: Namespace, { code, idType }: NamespaceChange): void {
  const errors: Fault[] = [];
  if (code !== undefined && !isSameCode(current, code)) {
    errors.push({ path: '/code', message: `cannot change; it is ${current.code}` });
  }
  if (idType !== undefined && idType.toUpperCase() !== current.idType) {
    errors.push({ path: '/idType', message: `cannot change; it is ${current.idType}` });
  }
  if (errors.length > 0) {
    throw problem('invalid-body', { detail: 'Only name and description of a namespace can change.', errors });
  }
}

function isSameCode(namespace: Namespace, code: string): boolean {
  return namespace.code.toLowerCase() === code.toLowerCase();
}

function unknownNamespace(id: string): ProblemError {
  return problem('unknown-namespace', { detail: `The sandbox has no identity namespace ${id.slice(0, 256)}.` });
}

function codeTaken(code: string): ProblemError {
  return problem('namespace-exists', { detail: `The sandbox has a namespace with the code ${code} already.` });
}
