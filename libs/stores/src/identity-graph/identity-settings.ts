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
  /** Present until who is linked already is judged by these settings. */
  readonly unapplied?: StoredUnappliedSettings;
}

/** Changed settings that are still to be applied to who is linked already. */
export interface UnappliedSettings extends Tenant {
  /** Epoch ms. */
  readonly changedAt: number;
}

interface StoredUnappliedSettings extends UnappliedSettings {
  /** When somebody last took care of it. */
  readonly at: Date;
}

/** Settings and how often they were changed; 0 for a sandbox that keeps the defaults. */
export interface VersionedIdentitySettings extends IdentitySettings {
  readonly version: number;
}

/** Reads the linking rules of sandboxes. */
export interface IdentitySettingsReader {
  get(tenant: Tenant): Promise<VersionedIdentitySettings>;
}

/**
 * The linking rules of sandboxes. A change takes effect on what is already linked by `IdentityGraphMaintenance.rebuild`;
 * until then the settings themselves say that it is still to be done, so that it is not forgotten whoever fails.
 */
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

  /** Replaces the settings, and notes that they are to be applied. */
  async put(
    tenant: Tenant,
    { namespaces }: IdentitySettings,
    changedAt = Date.now(),
  ): Promise<VersionedIdentitySettings> {
    const key = tenantKey(tenant);
    const { organisation, sandbox } = tenant;
    const unapplied: StoredUnappliedSettings = { organisation, sandbox, changedAt, at: new Date() };
    const stored = await available(
      this.settings.findOneAndUpdate(
        { _id: key, tenant: key },
        { $set: { namespaces, unapplied }, $inc: { version: 1 } },
        { upsert: true, returnDocument: 'after' },
      ),
    );
    return { namespaces, version: stored?.version ?? 1 };
  }

  /** Notes that somebody is applying the settings, and will go on. */
  async applying(tenant: Tenant): Promise<void> {
    const key = tenantKey(tenant);
    const unapplied = { _id: key, tenant: key, unapplied: { $exists: true } };
    await available(this.settings.updateOne(unapplied, { $set: { 'unapplied.at': new Date() } }));
  }

  /** Notes that the settings of this version are applied; newer ones remain to be. */
  async applied(tenant: Tenant, version: number): Promise<void> {
    const key = tenantKey(tenant);
    await available(this.settings.updateOne({ _id: key, tenant: key, version }, { $unset: { unapplied: 1 } }));
  }

  /**
   * Settings of some sandbox that nobody has taken care of for long; from now on the caller does. Of all tenants: a worker
   * serves them all.
   *
   * @param until those that nobody has taken care of since then.
   */
  async takeOverdue(until: Date): Promise<UnappliedSettings | undefined> {
    const found = await available(
      this.settings.findOneAndUpdate({ 'unapplied.at': { $lte: until } }, { $set: { 'unapplied.at': new Date() } }),
    );
    if (!found?.unapplied) return undefined;
    const { organisation, sandbox, changedAt } = found.unapplied;
    return { organisation, sandbox, changedAt };
  }
}
