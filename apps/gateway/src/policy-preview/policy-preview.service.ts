import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { differenceOf, type FieldDifference, type MergeRules, type PolicySettings } from '@tessera/domain';
import { ProblemError } from '@tessera/http';
import { LookupService, type MergedPerson } from '../profile-access/lookup.service.js';
import { rulesFor } from '../profile-access/merge-rules.js';
import { PeopleService } from '../profile-access/people.service.js';
import { profileAnswer } from '../profile-access/profile-answer.js';
import type { Subject } from '../profile-access/requested-identity.js';

/** A profile as it would be, and what that changes. */
export interface PreviewedProfile {
  readonly profile: MergedPerson;
  readonly differences: readonly FieldDifference[];
}

export interface Preview {
  /** Absent where the schema has no default policy. */
  readonly comparedTo?: string;
  /** For each identity, in order, its profile or why there is none. */
  readonly results: readonly (PreviewedProfile | ProblemError)[];
}

/** Merges people by a policy that is not saved, and by one that is. */
@Injectable()
export class PolicyPreviewService {
  constructor(
    @Inject(PeopleService) private readonly people: PeopleService,
    @Inject(LookupService) private readonly lookup: LookupService,
  ) {}

  /**
   * @param compareTo id of a policy of the same schema; the default one when undefined.
   * @throws ProblemError `unknown-policy`.
   */
  async preview(
    tenant: Tenant,
    { schema, identityGraph, attributeMerge }: PolicySettings,
    subjects: readonly Subject[],
    compareTo: string | undefined,
  ): Promise<Preview> {
    const { policies, graph } = await this.people.graphOf(tenant, subjects);
    const peopleBy = ({ graph: type }: MergeRules) =>
      subjects.map((subject) => this.people.personOf(subject, graph, type));
    const current = rulesFor(policies, schema.name, compareTo);
    const tried: MergeRules = { graph: identityGraph.type, attributeMerge };
    const [peopleNow, peopleThen] = [peopleBy(current), peopleBy(tried)];
    // One reading for both, so that no difference comes of what changed in between.
    const stored = await this.lookup.fragmentsOf(tenant, [...peopleNow, ...peopleThen]);
    const [before, after] = await Promise.all([
      this.lookup.mergeAll(tenant, peopleNow, stored, schema.name, current),
      this.lookup.mergeAll(tenant, peopleThen, stored, schema.name, tried),
    ]);
    const results = after.map((profile, index) => compare(before[index], profile));
    return { ...(current.policyId !== undefined && { comparedTo: current.policyId }), results };
  }
}

/** Where only the policy compared with cannot show the person, everything is added. */
function compare(
  before: MergedPerson | ProblemError | undefined,
  after: MergedPerson | ProblemError,
): PreviewedProfile | ProblemError {
  if (after instanceof ProblemError) return after;
  const old = before === undefined || before instanceof ProblemError ? {} : profileAnswer(before).entity;
  return { profile: after, differences: differenceOf(old, profileAnswer(after).entity) };
}
