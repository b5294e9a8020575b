import type { Tenant } from '@tessera/contracts';
import type { DatasetSwitch } from './dataset-switches.js';

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

/** How long a dataset keeps its events, from their own timestamps on (spec 03-ingestion, "Expiry"). */
export interface DatasetExpiry {
  /** ISO 8601 duration, as given. */
  readonly ttl: string;
  readonly milliseconds: number;
  /** When it was set; epoch ms. */
  readonly updated: number;
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
  /** When it began or ceased to feed profiles, oldest first. */
  readonly switches?: readonly DatasetSwitch[];
  /** Absent: its events are kept for ever. */
  readonly expiry?: DatasetExpiry;
  /** Epoch ms. */
  readonly created: number;
  /** Epoch ms. */
  readonly updated: number;
  /** `<major>.<minor>.<patch>`; every change raises the last part. */
  readonly version: string;
  readonly createdUser: string;
}
