import type { Collection } from 'mongodb';
import { tenantKey, type Tenant } from '@tessera/contracts';
import type { Namespace } from '@tessera/domain';
import { available } from '../bulk.js';
import { isDuplicateKey, type Database } from '../database.js';
import type { IndexDefinition } from '../indexes.js';

/** A namespace that a sandbox added, with when. */
export interface StoredNamespace extends Namespace {
  /** Epoch ms. */
  readonly createTime: number;
  /** Epoch ms. */
  readonly updateTime: number;
}

interface NamespaceDocument extends StoredNamespace {
  /** `<tenant>/<code in lower case>`: codes are unique without regard to case. */
  readonly _id: string;
  readonly tenant: string;
}

export const namespaceIndexes: readonly IndexDefinition[] = [
  { collection: 'namespaces', key: { tenant: 1, id: 1 }, options: { unique: true } },
];

/** Ids below are those of the built-in namespaces. */
const FIRST_CUSTOM_ID = 1_000_000;

/** What the workers need: a sandbox's own namespaces, without the built-in ones. */
export interface NamespaceReader {
  list(tenant: Tenant): Promise<StoredNamespace[]>;
}

/** The namespaces that sandboxes added. They are never removed, and their code and kind never change. */
export class NamespaceStore implements NamespaceReader {
  private readonly namespaces: Collection<NamespaceDocument>;

  constructor(database: Database) {
    this.namespaces = database.collection('namespaces');
  }

  async list(tenant: Tenant): Promise<StoredNamespace[]> {
    const documents = await available(
      this.namespaces
        .find({ tenant: tenantKey(tenant) })
        .sort({ id: 1 })
        .toArray(),
    );
    return documents.map(fromDocument);
  }

  /** Ids count up within a sandbox. @returns `code-taken` when the sandbox has the code in any spelling. */
  async create(
    tenant: Tenant,
    namespace: Omit<Namespace, 'id' | 'custom'>,
    now: number,
  ): Promise<StoredNamespace | 'code-taken'> {
    const _id = `${tenantKey(tenant)}/${namespace.code.toLowerCase()}`;
    for (;;) {
      const newest = await available(
        this.namespaces.findOne({ tenant: tenantKey(tenant) }, { sort: { id: -1 }, projection: { id: 1 } }),
      );
      const id = (newest?.id ?? FIRST_CUSTOM_ID - 1) + 1;
      const created = { ...namespace, id, custom: true, createTime: now, updateTime: now };
      try {
        await available(this.namespaces.insertOne({ _id, tenant: tenantKey(tenant), ...created }));
        return created;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        if (await available(this.namespaces.findOne({ _id, tenant: tenantKey(tenant) }))) return 'code-taken';
      }
    }
  }

  /** Changes name and description. @returns undefined when there is no such namespace. */
  async update(
    tenant: Tenant,
    id: number,
    change: { readonly name: string; readonly description: string },
    now: number,
  ): Promise<StoredNamespace | undefined> {
    const updated = await available(
      this.namespaces.findOneAndUpdate(
        { tenant: tenantKey(tenant), id },
        { $set: { ...change, updateTime: now } },
        { returnDocument: 'after' },
      ),
    );
    return updated ? fromDocument(updated) : undefined;
  }
}

function fromDocument(document: NamespaceDocument): StoredNamespace {
  const { id, code, name, description, idType, custom, createTime, updateTime } = document;
  return { id, code, name, description, idType, custom, createTime, updateTime };
}
