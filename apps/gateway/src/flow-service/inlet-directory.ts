import type { Inlet, InletLookup, SandboxLookup } from '@tessera/http';
import type { ConnectionReader } from '@tessera/stores';
import { BriefCache, type BriefCacheOptions } from '../brief-cache.js';

const INLET_ID = /^[0-9a-f]{64}$/;

/**
 * Inlets for the ingest path. A new one works at once; a removed one, or one of a removed sandbox, stops everywhere within
 * a second.
 */
export class InletDirectory implements InletLookup {
  private readonly inlets: BriefCache<Inlet>;

  constructor(
    private readonly connections: ConnectionReader,
    private readonly sandboxes: SandboxLookup,
    options: BriefCacheOptions = {},
  ) {
    this.inlets = new BriefCache((inletId) => this.read(inletId), options);
  }

  async findByInlet(inletId: string): Promise<Inlet | undefined> {
    return INLET_ID.test(inletId) ? this.inlets.find(inletId) : undefined;
  }

  /** Makes a removal count at once on this instance. */
  forget(inletId: string): void {
    this.inlets.forget(inletId);
  }

  private async read(inletId: string): Promise<Inlet | undefined> {
    const connection = await this.connections.findByInlet(inletId);
    if (connection === undefined) return undefined;
    const { id, tenant, params } = connection;
    const sandbox = await this.sandboxes.find(tenant.organisation, { name: tenant.sandbox });
    if (sandbox === undefined) return undefined;
    return { inletId, connectionId: id, tenant, authenticationRequired: params.authenticationRequired };
  }
}
