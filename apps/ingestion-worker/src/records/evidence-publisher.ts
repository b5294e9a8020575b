import { tenantKey, topics, type IdentityEvidence, type ProfileChange, type Tenant } from '@tessera/contracts';
import { ageStepOf } from '@tessera/domain';
import type { ChangePublisher, Producer } from '@tessera/messaging';
import type { FenceStanding, IdentitySettingsReader, VersionedIdentitySettings } from '@tessera/stores';
import { evidenceMessages, evidenceOf } from './evidence.js';
import type { Readable } from './readable.js';
import { SaidEvidence, type EvidenceRules } from './said-evidence.js';

export interface EvidencePublisherParts {
  readonly producer: Producer;
  readonly changes: ChangePublisher;
  readonly settings: IdentitySettingsReader;
}

/**
 * Says what records say about identities. What was said before is not said to the graph again: then it is only announced
 * that the people's data changed, which everything derived from people follows.
 */
export class EvidencePublisher {
  private readonly said = new SaidEvidence();

  constructor(private readonly parts: EvidencePublisherParts) {}

  /** The linking rules that the records of a batch are said by; to be read once the records are stored. @throws UnavailableError */
  rulesOf(tenant: Tenant): Promise<VersionedIdentitySettings> {
    return this.parts.settings.get(tenant);
  }

  /**
   * To be called once the records are stored; may be repeated.
   *
   * @param standing of the sandbox's deletions, as read after the records were stored. Whoever removes identities that
   *   nothing speaks of raises it first, so that they are spoken of again (`IdentityVanisher`).
   * @throws UnavailableError when the brokers did not take everything.
   */
  async publish(
    tenant: Tenant,
    records: readonly Readable[],
    standing: FenceStanding,
    settings: VersionedIdentitySettings,
  ): Promise<void> {
    const { producer, changes } = this.parts;
    const validity = [tenantKey(tenant), standing.version, standing.vanishings, settings.version].join(' ');
    const rules: EvidenceRules = { validity, ageStep: ageStepOf(settings) };
    const [unsaid, known] = [[] as [string, IdentityEvidence][], [] as IdentityEvidence[]];
    for (const [key, evidence] of evidenceOf(records)) {
      if (this.said.isKnown(key, evidence, rules)) known.push(evidence);
      else unsaid.push([key, evidence]);
    }
    const messages = evidenceMessages(
      tenant,
      unsaid.map(([, evidence]) => evidence),
    );
    await Promise.all([producer.send(topics.identityEvidence, messages), changes.publish(tenant, known.map(changeOf))]);
    for (const [key, evidence] of unsaid) this.said.remember(key, evidence, rules);
  }
}

/** Names those of a person that the records name; whoever hears of it reads who else belongs to them. */
function changeOf({ identities, acceptedAt }: IdentityEvidence): ProfileChange {
  const members = identities.map(({ xid }) => xid).sort();
  return { clusterId: members[0] ?? '', members, replaced: [], acceptedAt };
}
