import { Inject, Injectable } from '@nestjs/common';
import type { Identity, Tenant } from '@tessera/contracts';
import { xidsInScope, type IdentityGraphType, type MergePolicy, type MergeRules } from '@tessera/domain';
import { problem, type ProblemError } from '@tessera/http';
import type { LookupBeginning, StoredIdentity } from '@tessera/stores';
import { rulesFor } from './merge-rules.js';
import { ProfileReads, type WithFragments } from './profile-reads.js';
import type { Subject } from './requested-identity.js';

export const LOOKUP_MAX_IDENTITIES = Symbol('identities a lookup follows');

/** Whom a policy takes to be one person with the identity asked about. */
export interface Person extends Subject {
  /** In order of XIDs, as far as they are known by value. */
  readonly scope: readonly Identity[];
  /** In order. The identity asked about is always among them. */
  readonly xids: readonly string[];
  /** Identities that are the person whatever the policy: all of the graph's, or this one where it has none. */
  readonly known: readonly string[];
  /** Whether the graph has the identity. */
  readonly isKnown: boolean;
}

/** What the graph says about some identities; those it has never seen are absent. */
export type GraphOf = ReadonlyMap<string, StoredIdentity>;

interface GraphAndPolicies {
  readonly graph: GraphOf;
  readonly policies: readonly MergePolicy[];
}

/** People, and the rules of the policy by which they are. */
export interface FoundPeople {
  readonly rules: MergeRules;
  /** For each identity, in order; a problem in place of a person that is too large for a lookup. */
  readonly people: (Person | ProblemError)[];
}

/** Finds out who is one person with whom. */
@Injectable()
export class PeopleService {
  constructor(
    @Inject(ProfileReads) private readonly reads: ProfileReads,
    @Inject(LOOKUP_MAX_IDENTITIES) private readonly maxIdentities: number,
  ) {}

  /**
   * The person of each identity, under a policy read by the same query.
   *
   * @param policyId the default policy of the schema when undefined.
   * @throws ProblemError `unknown-policy`.
   */
  async find(
    tenant: Tenant,
    subjects: readonly Subject[],
    schemaName: string,
    policyId: string | undefined,
  ): Promise<FoundPeople> {
    return this.peopleBy(await this.graphOf(tenant, subjects), subjects, schemaName, policyId);
  }

  /** As {@link find}, with their fragments where the same query gives them. */
  async findWithFragments(
    tenant: Tenant,
    subjects: readonly Subject[],
    schemaName: string,
    policyId: string | undefined,
  ): Promise<FoundPeople & Pick<WithFragments, 'fragments'>> {
    const { fragments, ...beginning } = await this.reads.withFragments(tenant, xidsOf(subjects));
    const found = this.peopleBy(saidBy(beginning), subjects, schemaName, policyId);
    return { ...found, ...(fragments && { fragments }) };
  }

  /** What the graph says about the identities, and the policies of the sandbox, read by the same query. */
  async graphOf(tenant: Tenant, subjects: readonly Subject[]): Promise<GraphAndPolicies> {
    return saidBy(await this.reads.beginning(tenant, xidsOf(subjects)));
  }

  private peopleBy(
    { policies, graph }: GraphAndPolicies,
    subjects: readonly Subject[],
    schemaName: string,
    policyId: string | undefined,
  ): FoundPeople {
    const rules = rulesFor(policies, schemaName, policyId);
    return { rules, people: subjects.map((subject) => this.personOf(subject, graph, rules.graph)) };
  }

  /** An identity the graph has not seen, or not yet, is a person of its own. */
  personOf(subject: Subject, graph: GraphOf, graphType: IdentityGraphType): Person | ProblemError {
    const { xid, identity } = subject;
    const stored = graph.get(xid);
    const members = stored?.members ?? (identity === undefined ? [] : [identity]);
    if (graphType !== 'none' && members.length > this.maxIdentities) return this.tooMany(members.length);
    const known = stored === undefined ? [xid] : members.map((member) => member.xid);
    const xids = xidsInScope(graphType, xid, known);
    const scope = members.filter((member) => xids.includes(member.xid));
    return { ...subject, scope, xids, known, isKnown: stored !== undefined };
  }

  private tooMany(count: number): ProblemError {
    const limit = `The person has ${count} related identities; a lookup follows ${this.maxIdentities}.`;
    return problem('too-many-identities', { detail: `${limit} Ask with a policy whose graph is none.` });
  }
}

function xidsOf(subjects: readonly Subject[]): string[] {
  return subjects.map(({ xid }) => xid);
}

function saidBy({ identities, policies }: LookupBeginning): GraphAndPolicies {
  return { graph: new Map(identities.map((identity) => [identity._id, identity])), policies };
}
