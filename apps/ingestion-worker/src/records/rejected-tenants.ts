import { DEFAULT_SANDBOX, recordHeaders, tenantKey, type Tenant } from '@tessera/contracts';
import type { SandboxReader } from '@tessera/stores';
import type { Rejection } from './message-arrival.js';

/**
 * Whose rejected messages are. The gateway asks before it takes a record; other producers may name any sandbox, and what is
 * kept of one that does not exist must not be found in one that is created later under that name.
 */
export class RejectedTenants {
  constructor(private readonly sandboxes: SandboxReader) {}

  /** The rejections, those of sandboxes that do not exist as nobody's: one small read for each sandbox but the default one. */
  async checked(rejections: readonly Rejection[]): Promise<Rejection[]> {
    const named = new Map<string, Tenant>();
    for (const { tenant } of rejections) {
      if (tenant !== undefined && tenant.sandbox !== DEFAULT_SANDBOX) named.set(tenantKey(tenant), tenant);
    }
    const unknown = new Set<string>();
    for (const [key, { organisation, sandbox }] of named) {
      if ((await this.sandboxes.find(organisation, { name: sandbox })) === undefined) unknown.add(key);
    }
    return rejections.map((rejection) => {
      const { tenant, ...nobodys } = rejection;
      if (tenant === undefined || !unknown.has(tenantKey(tenant))) return rejection;
      const fault = `the header ${recordHeaders.sandbox} names ${tenant.sandbox.slice(0, 256)}, which is no sandbox of the organisation`;
      return { ...nobodys, reason: 'unknown-tenant', faults: [{ path: '', message: fault }] };
    });
  }
}
