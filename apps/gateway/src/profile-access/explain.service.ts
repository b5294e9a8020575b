import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { explainMerge, linkChains, type GraphLink, type MergeExplanation } from '@tessera/domain';
import { IdentityGraphReader, type StoredLink } from '@tessera/stores';
import { LookupService, type MergedPerson } from './lookup.service.js';
import type { Subject } from './requested-identity.js';

/** A link with its evidence, and the newest time (epoch ms) any of it asserts. */
export type DatedLink = GraphLink & Pick<StoredLink, 'evidence'>;

/** Why a lookup answers what it answers. */
export interface Explanation {
  readonly person: MergedPerson;
  readonly merge: MergeExplanation;
  /** How each identity in scope came to be of one person with the requested one, by XID. */
  readonly chains: ReadonlyMap<string, readonly DatedLink[]>;
}

/** Explains what lookups answer, from the very fragments and links they would use. */
@Injectable()
export class ExplainService {
  constructor(
    @Inject(LookupService) private readonly lookup: LookupService,
    @Inject(IdentityGraphReader) private readonly graph: IdentityGraphReader,
  ) {}

  /** @throws ProblemError as the lookup itself would. */
  async explain(
    tenant: Tenant,
    subject: Subject,
    schemaName: string,
    policyId: string | undefined,
  ): Promise<Explanation> {
    const person = await this.lookup.profile(tenant, subject, schemaName, policyId);
    // A cluster hangs together by links between its own members.
    const links = person.xids.length > 1 ? await this.graph.linksAmong(tenant, person.xids) : [];
    return {
      person,
      merge: explainMerge(person.fragments, person.rules.attributeMerge),
      chains: linkChains(subject.xid, links.map(dated)),
    };
  }
}

function dated({ a, b, evidence }: StoredLink): DatedLink {
  return { a, b, evidence, last: Math.max(...Object.values(evidence).map(({ last }) => last)) };
}
