import type { JsonObject, Tenant } from '@tessera/contracts';
import {
  COMPUTED_ATTRIBUTES,
  computedRoot,
  profileSchemaName,
  xidsInScope,
  type IdentityGraphType,
} from '@tessera/domain';
import type { ComputedAttributeReader } from '@tessera/stores';
import { rulesFor } from './merge-rules.js';
import type { MergedPerson } from './lookup.service.js';
import type { ProfileReads } from './profile-reads.js';

/** Fields at the root of a profile, each an object. */
export type ComputedFields = Readonly<Record<string, JsonObject>>;

/** Adds computed attributes to profiles (`withCA`, spec 11-computed-attributes). */
export class ComputedValues {
  /** @param tenantName under which they stand in a profile, after an underscore. */
  constructor(
    private readonly reader: ComputedAttributeReader,
    private readonly reads: ProfileReads,
    private readonly tenantName: string,
  ) {}

  /**
   * The computed attributes of some people, by the XIDs asked about: over the events of all identities that are the person
   * under the default policy, whichever policy the profile was merged by. As many queries for many as for one.
   *
   * @param policyId by which the profiles were merged; the default one when undefined.
   */
  async of(
    tenant: Tenant,
    people: readonly MergedPerson[],
    schemaName: string,
    policyId: string | undefined,
  ): Promise<ReadonlyMap<string, ComputedFields>> {
    if (schemaName !== profileSchemaName || people.length === 0) return new Map();
    const graph = await this.defaultGraph(tenant, people, schemaName, policyId);
    const asked = new Map(
      people.map(({ xid, known, merged }) => [
        xid,
        { clusterId: xid, members: xidsInScope(graph, xid, known), profile: merged.entity },
      ]),
    );
    const values = await this.reader.valuesOf(tenant, [...asked.values()]);
    const root = computedRoot(this.tenantName);
    return new Map([...values].map(([xid, attributes]) => [xid, { [root]: { [COMPUTED_ATTRIBUTES]: attributes } }]));
  }

  /** People merged by the default policy know its graph already. */
  private async defaultGraph(
    tenant: Tenant,
    [first]: readonly MergedPerson[],
    schemaName: string,
    policyId: string | undefined,
  ): Promise<IdentityGraphType> {
    if (policyId === undefined && first !== undefined) return first.rules.graph;
    return rulesFor(await this.reads.policies(tenant), schemaName, undefined).graph;
  }
}
