import { randomUUID } from 'node:crypto';
import { MongoServerError, type Collection, type Filter } from 'mongodb';
import { tenantKey } from '@tessera/contracts';
import { available } from '../bulk.js';
import { DUPLICATE_KEY, type Database } from '../database.js';
import { deleteWithRequest } from '../deletion-requests/delete-with-request.js';
import type { DeletionOrder } from '../deletion-requests/deletion-request.js';
import type { IndexDefinition } from '../indexes.js';
import type { NewSandbox, StoredSandbox } from './sandbox.js';

interface SandboxDocument extends StoredSandbox {
  /** `<organisation>/<name>`, as rows of the sandbox name their tenant. */
  readonly _id: string;
}

export const sandboxIndexes: readonly IndexDefinition[] = [
  { collection: 'sandboxes', key: { organisation: 1, name: 1 } },
  { collection: 'sandboxes', key: { organisation: 1, id: 1 } },
];

export interface SandboxReader {
  find(
    organisation: string,
    by: { readonly name: string } | { readonly id: string },
  ): Promise<StoredSandbox | undefined>;
}

/** The sandboxes that organisations added. The one each is born with is nowhere stored. */
export class SandboxStore implements SandboxReader {
  private readonly sandboxes: Collection<SandboxDocument>;

  constructor(private readonly database: Database) {
    this.sandboxes = database.collection('sandboxes');
  }

  /** An active sandbox, by its name or its id. */
  async find(
    organisation: string,
    by: { readonly name: string } | { readonly id: string },
  ): Promise<StoredSandbox | undefined> {
    const which: Filter<SandboxDocument> =
      'name' in by ? { _id: tenantKey({ organisation, sandbox: by.name }) } : { id: by.id };
    const found = await available(this.sandboxes.findOne({ ...which, organisation, state: 'active' }));
    return found ? fromDocument(found) : undefined;
  }

  /** Active sandboxes by name, and how many there are. */
  async list(
    organisation: string,
    { start, limit }: { readonly start: number; readonly limit: number },
  ): Promise<{ readonly sandboxes: StoredSandbox[]; readonly totalCount: number }> {
    const filter: Filter<SandboxDocument> = { organisation, state: 'active' };
    const page = limit === 0 ? [] : this.sandboxes.find(filter).sort({ name: 1 }).skip(start).limit(limit).toArray();
    const [found, totalCount] = await available(Promise.all([page, this.sandboxes.countDocuments(filter)]));
    return { sandboxes: found.map(fromDocument), totalCount };
  }

  /** @returns the new sandbox, or `name-taken`, also by a deleted one whose data is not gone yet. */
  async create(organisation: string, sandbox: NewSandbox, now: number): Promise<StoredSandbox | 'name-taken'> {
    const created = { id: randomUUID(), organisation, ...sandbox, state: 'active' as const, created: now };
    try {
      await available(
        this.sandboxes.insertOne({ _id: tenantKey({ organisation, sandbox: sandbox.name }), ...created }),
      );
      return created;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return 'name-taken';
      throw error;
    }
  }

  /**
   * Takes a sandbox out of sight and records that its data is to go, in one step.
   *
   * @returns the sandbox that was there.
   */
  async delete(organisation: string, name: string, order: DeletionOrder): Promise<StoredSandbox | undefined> {
    const sandbox = await this.find(organisation, { name });
    if (sandbox === undefined) return undefined;
    const tenant = { organisation, sandbox: name };
    const request = { id: randomUUID(), tenant, subject: { kind: 'sandbox' } as const, ...order };
    const isDeleted = await deleteWithRequest(this.database, request, async (session) => {
      const filter: Filter<SandboxDocument> = { _id: tenantKey(tenant), organisation, state: 'active' };
      const { matchedCount } = await this.sandboxes.updateOne(filter, { $set: { state: 'deleted' } }, { session });
      return matchedCount === 1;
    });
    return isDeleted ? { ...sandbox, state: 'deleted' } : undefined;
  }
}

function fromDocument({
  id,
  organisation,
  name,
  title,
  type,
  state,
  created,
  createdBy,
}: SandboxDocument): StoredSandbox {
  return { id, organisation, name, title, type, state, created, createdBy };
}
