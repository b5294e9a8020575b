import type { Tenant } from '@tessera/contracts';
import { builtInNamespaces, type Namespace } from '@tessera/domain';
import type { NamespaceReader } from '@tessera/stores';

/** The namespaces of a sandbox, found by id or by code in any spelling. */
export class NamespaceIndex {
  private readonly byId: ReadonlyMap<number, Namespace>;
  private readonly byCode: ReadonlyMap<string, Namespace>;

  constructor(namespaces: readonly Namespace[]) {
    this.byId = new Map(namespaces.map((namespace) => [namespace.id, namespace]));
    this.byCode = new Map(namespaces.map((namespace) => [namespace.code.toLowerCase(), namespace]));
  }

  /** Built-in namespaces and the sandbox's own, as they are at this moment. */
  static async read(reader: NamespaceReader, tenant: Tenant): Promise<NamespaceIndex> {
    return new NamespaceIndex([...builtInNamespaces, ...(await reader.list(tenant))]);
  }

  withId(id: number): Namespace | undefined {
    return this.byId.get(id);
  }

  withCode(code: string): Namespace | undefined {
    return this.byCode.get(code.toLowerCase());
  }
}
