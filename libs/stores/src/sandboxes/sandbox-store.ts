import { randomUUID } from 'node:crypto';
import type { ClientSession, Collection, Filter } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { available } from '../bulk.js';
import { isDuplicateKey, type Database } from '../database.js';
import { DeletionAcceptance, type DeletionOrder } from '../deletions/deletion-acceptance.js';
import type { IndexDefinition } from '../indexes.js';
import type { Job } from '../jobs/job.js';
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
      if (isDuplicateKey(error)) return 'name-taken';
      throw error;
    }
  }

  /**
   * Takes a sandbox out of sight and accepts the deletion of all it has, in one step.
   *
   * @returns the sandbox that was there, and the job that deletes what is in it.
   */
  async delete(
    organisation: string,
    name: string,
    order: DeletionOrder,
  ): Promise<{ readonly sandbox: StoredSandbox; readonly job: Job } | undefined> {
    const sandbox = await this.find(organisation, { name });
    if (sandbox === undefined) return undefined;
    const tenant = { organisation, sandbox: name };
    const subject = { kind: 'sandbox', sandboxName: name, sandboxId: sandbox.id } as const;
    const hide = async (session: ClientSession): Promise<boolean> => {
      const filter: Filter<SandboxDocument> = { _id: tenantKey(tenant), organisation, id: sandbox.id, state: 'active' };
      const { matchedCount } = await this.sandboxes.updateOne(filter, { $set: { state: 'deleted' } }, { session });
      return matchedCount === 1;
    };
    const accepted = await new DeletionAcceptance(this.database).accept({ tenant, subject, order, hide });
    return accepted && 'job' in accepted ? { sandbox: { ...sandbox, state: 'deleted' }, job: accepted.job } : undefined;
  }

  /** Whether a sandbox is deleted and holds its name: a later one of the same name is another. */
  async isGoing({ organisation, sandbox }: Tenant, id: string): Promise<boolean> {
    const filter = { _id: tenantKey({ organisation, sandbox }), organisation, id, state: 'deleted' as const };
    return (await available(this.sandboxes.findOne(filter))) !== null;
  }

  /** Gives the name of a deleted sandbox free, once nothing of it is left. */
  async forget({ organisation, sandbox }: Tenant): Promise<void> {
    const filter = { _id: tenantKey({ organisation, sandbox }), organisation, state: 'deleted' as const };
    await available(this.sandboxes.deleteOne(filter));
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
