import { tenantKey, type Tenant } from '@tessera/contracts';
import { builtInNamespaces, type Namespace, type NamespaceLookup } from '@tessera/domain';
import type { NamespaceReader } from '@tessera/stores';

const builtIn = new Map(builtInNamespaces.map((namespace) => [namespace.code.toLowerCase(), namespace]));

/** Sandboxes whose namespaces are kept at hand. */
const MAX_TENANTS = 1_000;

/**
 * Namespaces by sandbox. They are only ever added, so what is known stays true; a code that is not known is asked for
 * again, because it may have been registered a moment before its first record was accepted.
 */
export class NamespaceCatalogue {
  private readonly byTenant = new Map<string, Map<string, Namespace>>();

  constructor(private readonly reader: NamespaceReader) {}

  /**
   * Calls `use` with a lookup for the tenant; if it asked for an unknown code that turns out to be registered meanwhile,
   * calls it once more and takes that result.
   */
  async with<Result>(tenant: Tenant, use: (lookup: NamespaceLookup) => Result): Promise<Result> {
    const missed = new Set<string>();
    const known = this.byTenant.get(tenantKey(tenant));
    const result = use((code) => {
      const namespace = builtIn.get(code) ?? known?.get(code);
      if (!namespace) missed.add(code);
      return namespace;
    });
    if (missed.size === 0) return result;
    const current = await this.load(tenant);
    const appeared = [...missed].some((code) => current.has(code));
    return appeared ? use((code) => builtIn.get(code) ?? current.get(code)) : result;
  }

  private async load(tenant: Tenant): Promise<Map<string, Namespace>> {
    const namespaces = await this.reader.list(tenant);
    const byCode = new Map(namespaces.map((namespace) => [namespace.code.toLowerCase(), namespace]));
    if (this.byTenant.size >= MAX_TENANTS) this.byTenant.clear();
    this.byTenant.set(tenantKey(tenant), byCode);
    return byCode;
  }
}
