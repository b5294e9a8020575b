import { Inject, Injectable } from '@nestjs/common';
import {
  tenantKey,
  topics,
  UnavailableError,
  type Fault,
  type IdentitySettingsChangedMessage,
  type Tenant,
} from '@tessera/contracts';
import type { IdentitySettings, NamespaceRule } from '@tessera/domain';
import { problem } from '@tessera/http';
import { Producer } from '@tessera/messaging';
import { IdentitySettingsRepository, NamespaceStore } from '@tessera/stores';
import { NamespaceIndex } from './namespace-index.js';

/** What a client says of one namespace. */
export type NamespaceRuleBody = Pick<NamespaceRule, 'code'> & Partial<NamespaceRule>;

/** The linking rules of sandboxes. */
@Injectable()
export class IdentitySettingsService {
  constructor(
    @Inject(IdentitySettingsRepository) private readonly settings: IdentitySettingsRepository,
    @Inject(NamespaceStore) private readonly namespaces: NamespaceStore,
    @Inject(Producer) private readonly producer: Producer,
  ) {}

  async get(tenant: Tenant): Promise<IdentitySettings> {
    const { namespaces } = await this.settings.get(tenant);
    return { namespaces };
  }

  /**
   * Replaces the rules, then tells the merge worker, which applies them to who is linked already. New evidence goes by them
   * at once. A worker that cannot be told now finds out by itself, a little later.
   *
   * @throws ProblemError `invalid-body` for unknown or repeated namespaces.
   */
  async put(tenant: Tenant, rules: readonly NamespaceRuleBody[]): Promise<IdentitySettings> {
    const namespaces = checkedRules(rules, await NamespaceIndex.read(this.namespaces, tenant));
    const changedAt = Date.now();
    await this.settings.put(tenant, { namespaces }, changedAt);
    await this.tell({ ...tenant, changedAt });
    return { namespaces };
  }

  private async tell(message: IdentitySettingsChangedMessage): Promise<void> {
    try {
      await this.producer.send(topics.identitySettings, [{ key: tenantKey(message), value: JSON.stringify(message) }]);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
  }
}

/** The rules with codes as registered, taken field by field: a body may carry anything else. */
function checkedRules(rules: readonly NamespaceRuleBody[], namespaces: NamespaceIndex): NamespaceRule[] {
  const errors: Fault[] = [];
  const seen = new Set<string>();
  const checked = rules.map(({ code, unique = false, priority }, index): NamespaceRule => {
    const known = namespaces.withCode(code);
    const path = `/namespaces/${index}/code`;
    if (known === undefined) errors.push({ path, message: `"${code}" is not a namespace of this sandbox` });
    if (seen.has(code.toLowerCase())) errors.push({ path, message: `"${code}" occurs twice` });
    seen.add(code.toLowerCase());
    return { code: known?.code ?? code, unique, ...(priority !== undefined && { priority }) };
  });
  if (errors.length === 0) return checked;
  throw problem('invalid-body', { detail: 'Each namespace of the sandbox can have one rule.', errors });
}
