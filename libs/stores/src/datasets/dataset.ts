import type { Tenant } from '@tessera/contracts';

/** What a dataset's tags and schema mean for the records that arrive in it. */
export interface DatasetRules {
  /** `record` for schemas of attributes, `time-series` for schemas of events. */
  readonly behavior: 'record' | 'time-series';
  /** Whether its records become profile fragments and events (tag `unifiedProfile`). */
  readonly profile: boolean;
  /** Whether its records link identities (tag `unifiedIdentity`). */
  readonly identity: boolean;
  /** Whether its records change single fields instead of replacing the one before (tag `isUpsert:true`). */
  readonly upsert: boolean;
}

/** A dataset of the catalogue (spec 03-ingestion, "Catalogue"). */
export interface StoredDataset {
  /** 24 hex digits, unique across tenants. */
  readonly id: string;
  readonly tenant: Tenant;
  readonly name: string;
  readonly description?: string;
  readonly schemaRef: { readonly id: string; readonly contentType?: string };
  /** Tag name to its values, as given. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** File format and whatever else was given. */
  readonly fileDescription?: Readonly<Record<string, unknown>>;
  readonly rules: DatasetRules;
  /** Epoch ms. */
  readonly created: number;
  /** Epoch ms. */
  readonly updated: number;
  /** `<major>.<minor>.<patch>`; every change raises the last part. */
  readonly version: string;
  readonly createdUser: string;
}
