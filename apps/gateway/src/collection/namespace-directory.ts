import type { Tenant } from '@tessera/contracts';
import { builtInNamespaces, type NamespaceLookup } from '@tessera/domain';
import type { NamespaceReader } from '@tessera/stores';

/** Namespaces for synchronous validation: read afresh, since a client may use one it registered a moment ago. */
export class NamespaceDirectory {
  constructor(private readonly reader: NamespaceReader) {}

  async lookup(tenant: Tenant): Promise<NamespaceLookup> {
    const all = [...builtInNamespaces, ...(await this.reader.list(tenant))];
    const byCode = new Map(all.map((namespace) => [namespace.code.toLowerCase(), namespace]));
    return (code) => byCode.get(code);
  }
}
