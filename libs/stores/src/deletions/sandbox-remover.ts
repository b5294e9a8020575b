import type { Document } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import type { CollectionName, Database } from '../database.js';
import { fenceId } from './deletion-fence.js';
import type { ReceiptStore } from './deletion-receipts.js';

/** Where a sandbox has data of people, with what a receipt calls it. */
const dataOf: readonly (readonly [CollectionName, ReceiptStore])[] = [
  ['fragments', 'fragments'],
  ['events', 'events'],
  ['links', 'links'],
  ['identities', 'identities'],
  ['computed_figures', 'computedValues'],
  ['dead_letters', 'deadLetters'],
  ['batch_files', 'batchFiles'],
];

/** What else a sandbox has. Audit entries are not among it, on purpose. */
const settingsOf: readonly CollectionName[] = [
  'components',
  'identity_announcements',
  'identity_settings',
  'ledger',
  'datasets',
  'connections',
  'namespaces',
  'merge_policies',
  'merge_policy_versions',
  'schemas',
  'schema_descriptors',
  'schema_registries',
  'projections',
  'batches',
  'jobs',
  'computed_attributes',
  'computed_attribute_publications',
  'exports',
  'export_parts',
  'output_files',
  'people_counts',
  'reports',
  'sample_works',
  'sample_parts',
  'deletion_touched',
  'abandoned_deletions',
  'deletion_receipts',
];

/** Documents of one step. */
const STEP = 2_000;

/** Removes everything a sandbox has, in bounded steps. */
export class SandboxRemover {
  constructor(private readonly database: Database) {}

  /**
   * Removes some of what a sandbox has: jobs and settings first, so that nobody makes new data of it.
   *
   * @returns how many documents of which store (none for settings), of those that nobody else removed at the same time;
   * undefined when nothing is left.
   */
  async removeSome(tenant: Tenant): Promise<{ readonly store?: ReceiptStore; readonly count: number } | undefined> {
    for (const collection of settingsOf) {
      const count = await this.removeFrom(collection, tenant);
      if (count !== undefined) return { count };
    }
    for (const [collection, store] of dataOf) {
      const count = await this.removeFrom(collection, tenant);
      if (count !== undefined) return { store, count };
    }
    // The fence of the sandbox itself stands for all of its others.
    const fences = this.database.collection<{ readonly _id: string }>('deletion_fences');
    const others = { tenant: tenantKey(tenant), _id: { $ne: fenceId(tenant, { kind: 'sandbox' }) } };
    await available(fences.deleteMany(others));
    await available(
      this.database.collection<{ readonly _id: string }>('hidden_batches').deleteMany({ _id: tenantKey(tenant) }),
    );
    return undefined;
  }

  /** How many documents of other stores than those of people's data are left. */
  async remainingSettings(tenant: Tenant): Promise<number> {
    const counts = settingsOf.map((name) =>
      this.database.collection(name).countDocuments({ tenant: tenantKey(tenant) }),
    );
    return (await available(Promise.all(counts))).reduce((sum, count) => sum + count, 0);
  }

  private async removeFrom(name: CollectionName, tenant: Tenant): Promise<number | undefined> {
    const collection = this.database.collection<{ readonly _id: string } & Document>(name);
    const filter = { tenant: tenantKey(tenant) };
    const found = await available(
      collection
        .find(filter, { projection: { _id: 1 } })
        .limit(STEP)
        .toArray(),
    );
    if (found.length === 0) return undefined;
    const these = { ...filter, _id: { $in: found.map(({ _id }) => _id) } };
    return (await available(collection.deleteMany(these))).deletedCount;
  }
}
