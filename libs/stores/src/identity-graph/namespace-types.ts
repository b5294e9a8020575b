import { tenantKey, type Tenant } from '@tessera/contracts';
import { builtInNamespaces, type IdType } from '@tessera/domain';
import type { NamespaceReader } from '../namespaces/namespace-store.js';

/** Tells the kinds of a sandbox's namespaces; asked only where a limit or a rule bites. */
export interface NamespaceTypes {
  /** @param codes lower-case codes whose types are wanted; one that is not known is left out of the answer. */
  typesOf(tenant: Tenant, codes: Iterable<string>): Promise<ReadonlyMap<string, IdType>>;
}

/**
 * Remembers the kinds of namespaces, which never change. A code not met before is looked up, so that all workers judge
 * alike from the moment a namespace exists.
 */
export class RememberedNamespaceTypes implements NamespaceTypes {
  private readonly builtIn = builtInNamespaces.map(({ code, idType }) => [code.toLowerCase(), idType] as const);
  private readonly byTenant = new Map<string, ReadonlyMap<string, IdType>>();

  constructor(private readonly namespaces: NamespaceReader) {}

  async typesOf(tenant: Tenant, codes: Iterable<string>): Promise<ReadonlyMap<string, IdType>> {
    const key = tenantKey(tenant);
    let known = this.byTenant.get(key) ?? new Map(this.builtIn);
    if (![...codes].every((code) => known.has(code))) {
      const own = await this.namespaces.list(tenant);
      known = new Map([...this.builtIn, ...own.map(({ code, idType }) => [code.toLowerCase(), idType] as const)]);
      this.byTenant.set(key, known);
    }
    return known;
  }
}
