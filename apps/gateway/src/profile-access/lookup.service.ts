import { Inject, Injectable } from '@nestjs/common';
import type { Identity, Tenant } from '@tessera/contracts';
import {
  mergeFragments,
  xidsInScope,
  type AttributeMerge,
  type Fragment,
  type IdentityGraphType,
  type MergedProfile,
  type MergePolicy,
} from '@tessera/domain';
import { problem } from '@tessera/http';
import { EventReader, parseFragments, type StoredIdentity } from '@tessera/stores';
import { ProfileReads } from './profile-reads.js';
import { recordSchemas } from './record-schemas.js';

export const LOOKUP_MAX_IDENTITIES = Symbol('identities a lookup follows');

/** How fragments are merged: a policy, or nothing but the identity's own fragments where the sandbox has no default. */
export interface MergeRules {
  readonly policy?: MergePolicy;
  readonly graph: IdentityGraphType;
  readonly attributeMerge: AttributeMerge;
}

/** Whom a policy takes to be one person with the requested identity. */
export interface Person {
  readonly xid: string;
  /** In order of XIDs; only the requested one under a policy without a graph. Empty: the identity was never seen. */
  readonly scope: readonly Identity[];
  readonly xids: readonly string[];
}

export interface MergedPerson extends Person {
  readonly rules: MergeRules;
  readonly fragments: readonly Fragment[];
  readonly merged: MergedProfile;
}

/**
 * Looks people up: graph and fragments are read when asked for and merged then, so an answer is never stale
 * (spec 06-entities, "Freshness").
 */
@Injectable()
export class LookupService {
  constructor(
    @Inject(ProfileReads) private readonly reads: ProfileReads,
    @Inject(EventReader) private readonly events: EventReader,
    @Inject(LOOKUP_MAX_IDENTITIES) private readonly maxIdentities: number,
  ) {}

  /**
   * The merged profile of one identity.
   *
   * @param policyId the default policy of the schema when undefined.
   * @throws ProblemError `unknown-policy`, `too-many-identities`, or `unknown-profile` when the identity was never seen.
   */
  async profile(
    tenant: Tenant,
    xid: string,
    schemaName: string,
    policyId: string | undefined,
    requested?: Identity,
  ): Promise<MergedPerson> {
    const [policies, identities] = await Promise.all([
      this.reads.policies(tenant),
      this.reads.identities(tenant, [xid]),
    ]);
    const rules = rulesFor(policies, schemaName, policyId);
    const person = this.person(xid, identities[0], rules.graph, requested);
    const stored = await this.reads.fragments(tenant, person.xids);
    const fragments = parseFragments(stored.filter(({ schema }) => schema === recordSchemas[schemaName]));
    if (identities.length === 0 && stored.length === 0 && !(await this.events.hasAny(tenant, xid))) {
      throw problem('unknown-profile', {
        detail: 'Nothing was ever seen of this identity: no record, no event, no link.',
      });
    }
    return { ...person, rules, fragments, merged: mergeFragments(fragments, rules.attributeMerge) };
  }

  /** An identity whose evidence is still on its way is a person of its own. */
  private person(
    xid: string,
    stored: StoredIdentity | undefined,
    graph: IdentityGraphType,
    requested: Identity | undefined,
  ): Person {
    const members = stored?.members ?? (requested ? [requested] : []);
    if (graph !== 'none' && members.length > this.maxIdentities) {
      throw problem('too-many-identities', {
        detail: `The person has ${members.length} related identities; a lookup follows ${this.maxIdentities}. Ask with a policy whose graph is none.`,
      });
    }
    const xids = xidsInScope(graph, xid, stored ? members.map((member) => member.xid) : [xid]);
    const scope = members.filter((member) => xids.includes(member.xid));
    return { xid, scope, xids };
  }
}

/** @throws ProblemError `unknown-policy`. */
export function rulesFor(
  policies: readonly MergePolicy[],
  schemaName: string,
  policyId: string | undefined,
): MergeRules {
  const policy =
    policyId === undefined
      ? policies.find((one) => one.default && one.schema.name === schemaName)
      : policies.find(({ id }) => id === policyId);
  if (policy === undefined && policyId !== undefined) {
    throw problem('unknown-policy', { detail: `This sandbox has no merge policy ${policyId}.` });
  }
  if (policy === undefined) return { graph: 'none', attributeMerge: { type: 'timestampOrdered' } };
  return { policy, graph: policy.identityGraph.type, attributeMerge: policy.attributeMerge };
}
