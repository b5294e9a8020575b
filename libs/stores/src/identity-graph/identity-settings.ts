import type { ClientSession, Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { defaultIdentitySettings, type IdentitySettings } from '@tessera/domain';
import { available } from '../bulk.js';
import type { Database } from '../database.js';

interface IdentitySettingsDocument extends IdentitySettings {
  /** The tenant's key. */
  readonly _id: string;
  readonly tenant: string;
  readonly version: number;
}

/** Settings and how often they were changed; 0 for a sandbox that keeps the defaults. */
export interface VersionedIdentitySettings extends IdentitySettings {
  readonly version: number;
}

/** Reads the linking rules of sandboxes. */
export interface IdentitySettingsReader {
  get(tenant: Tenant): Promise<VersionedIdentitySettings>;
}

/** The linking rules of sandboxes. A change takes effect on what is already linked by `IdentityGraphWriter.rebuild`. */
export class IdentitySettingsRepository implements IdentitySettingsReader {
  private readonly settings: Collection<IdentitySettingsDocument>;

  constructor(database: Database) {
    this.settings = database.collection('identity_settings');
  }

  /** @param session a transaction to read in. */
  async get(tenant: Tenant, session?: ClientSession): Promise<VersionedIdentitySettings> {
    const key = tenantKey(tenant);
    const options = session ? { session } : {};
    const stored = await available(this.settings.findOne({ _id: key, tenant: key }, options));
    return { namespaces: stored?.namespaces ?? defaultIdentitySettings.namespaces, version: stored?.version ?? 0 };
  }

  /** Replaces the settings. */
  async put(tenant: Tenant, { namespaces }: IdentitySettings): Promise<VersionedIdentitySettings> {
    const key = tenantKey(tenant);
    const stored = await available(
      this.settings.findOneAndUpdate(
        { _id: key, tenant: key },
        { $set: { namespaces }, $inc: { version: 1 } },
        { upsert: true, returnDocument: 'after' },
      ),
    );
    return { namespaces, version: stored?.version ?? 1 };
  }
}
