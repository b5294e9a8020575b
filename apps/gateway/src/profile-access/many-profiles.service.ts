import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { ProblemError } from '@tessera/http';
import type { AccessBody } from './access-body.js';
import { ComputedValues } from './computed-values.js';
import { readFields } from './field-selection.js';
import { LookupService, type MergedPerson } from './lookup.service.js';
import type { OneAnswer } from './many-answer.js';
import { profileAnswer, unknownProfileAnswer } from './profile-answer.js';
import { subjectsOf } from './requested-identity.js';

/** Answers the profiles of many identities. */
@Injectable()
export class ManyProfilesService {
  constructor(
    @Inject(LookupService) private readonly lookup: LookupService,
    @Inject(ComputedValues) private readonly computed: ComputedValues,
  ) {}

  /**
   * @returns one for each identity of the body, in their order.
   * @throws ProblemError `invalid-parameter` or `unknown-policy`.
   */
  async answers(tenant: Tenant, body: AccessBody): Promise<OneAnswer[]> {
    const selector = readFields(body.fields);
    const named = subjectsOf(tenant, body.identities, { id: 'entityId', namespace: 'entityIdNS' });
    const subjects = named.flatMap((one) => ('subject' in one ? [one.subject] : []));
    const found = await this.lookup.profiles(tenant, subjects, body.schema.name, body.mergePolicyId);
    const isWanted = body.withCA === true || body.withCA === 'true';
    const people = isWanted
      ? found.filter((profile): profile is MergedPerson => !(profile instanceof ProblemError))
      : [];
    const computed = await this.computed.of(tenant, people, body.schema.name, body.mergePolicyId);
    const profiles = found.values();
    return named.map((one) => {
      if ('problem' in one) return { key: one.key, answer: one.problem };
      const profile = profiles.next().value as NonNullable<ReturnType<typeof profiles.next>['value']>;
      if (!(profile instanceof ProblemError)) {
        return { key: one.key, answer: profileAnswer(profile, selector, computed.get(profile.xid)) };
      }
      return { key: one.key, answer: profile.slug === 'unknown-profile' ? unknownProfileAnswer(one.key) : profile };
    });
  }
}
