import type { Collection, Filter, Sort } from 'mongodb';
import { tenantKey, tenantOfKey, type Tenant } from '@tessera/contracts';
import { available, unorderedBulk } from '../bulk.js';
import type { Database } from '../database.js';
import type { SnapshotRead } from '../people-scan/snapshots.js';
import { activeStatuses, type ComputedAttribute, type ComputedAttributeStatus } from './computed-attribute.js';
import {
  fromAttributeDocument,
  toAttributeDocument,
  type ComputedAttributeDocument,
} from './computed-attribute-document.js';

/** Fields that attributes can be chosen and ordered by. */
export type AttributeField = 'name' | 'displayName' | 'status' | 'createdAt' | 'updatedAt';

/** What a field has to be. Several hold together. */
export interface AttributeCondition {
  readonly field: AttributeField;
  readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in';
  readonly values: readonly (string | number)[];
}

export interface AttributePage {
  readonly conditions: readonly AttributeCondition[];
  readonly sort: { readonly field: AttributeField; readonly descending: boolean };
  readonly offset: number;
  readonly limit: number;
}

/** What may change of an attribute. */
export type AttributeChange = Partial<Omit<ComputedAttribute, 'id' | 'tenant' | 'createdAt' | 'createdBy'>>;

const operators = { '!=': '$ne', '<': '$lt', '<=': '$lte', '>': '$gt', '>=': '$gte' } as const;

/** Keeps computed attributes: their definitions and states. */
export class ComputedAttributeStore {
  private readonly attributes: Collection<ComputedAttributeDocument>;

  constructor(database: Database) {
    this.attributes = database.collection('computed_attributes');
  }

  /** @returns false when the sandbox has one of that name. */
  async insert(attribute: ComputedAttribute): Promise<boolean> {
    const document = toAttributeDocument(attribute);
    return (await unorderedBulk(this.attributes, [{ insertOne: { document } }])).length === 0;
  }

  async find(tenant: Tenant, id: string): Promise<ComputedAttribute | undefined> {
    const found = await available(this.attributes.findOne({ _id: id, tenant: tenantKey(tenant) }));
    return found ? fromAttributeDocument(tenant, found) : undefined;
  }

  /** One page, and how many there are on all. */
  async page(
    tenant: Tenant,
    { conditions, sort, offset, limit }: AttributePage,
  ): Promise<{ readonly attributes: readonly ComputedAttribute[]; readonly totalCount: number }> {
    const filter: Filter<ComputedAttributeDocument> = {
      tenant: tenantKey(tenant),
      ...(conditions.length > 0 && { $and: conditions.map(conditionFilter) }),
    };
    const direction = sort.descending ? -1 : 1;
    const order: Sort = { [sort.field]: direction, _id: direction };
    const [found, totalCount] = await available(
      Promise.all([
        this.attributes.find(filter).sort(order).skip(offset).limit(limit).toArray(),
        this.attributes.countDocuments(filter),
      ]),
    );
    return { attributes: found.map((document) => fromAttributeDocument(tenant, document)), totalCount };
  }

  /**
   * Those that events are counted for.
   *
   * @param at the snapshot to read at; the present when absent.
   */
  async active(
    tenant: Tenant,
    statuses: readonly ComputedAttributeStatus[] = activeStatuses,
    at?: SnapshotRead,
  ): Promise<readonly ComputedAttribute[]> {
    const found = this.attributes.find({ tenant: tenantKey(tenant), status: { $in: [...statuses] } }, { ...at });
    return (await available(found.toArray())).map((document) => fromAttributeDocument(tenant, document));
  }

  /** Whether the sandbox has any such attribute. */
  async hasActive(tenant: Tenant): Promise<boolean> {
    const filter = { tenant: tenantKey(tenant), status: { $in: [...activeStatuses] } };
    return (await available(this.attributes.findOne(filter, { projection: { _id: 1 } }))) !== null;
  }

  /** Every sandbox with attributes that have values, and those. */
  async processedByTenant(): Promise<readonly (readonly [Tenant, readonly ComputedAttribute[]])[]> {
    const found = await available(this.attributes.find({ status: 'PROCESSED' }).toArray());
    return [...Map.groupBy(found, ({ tenant }) => tenant)].map(([key, documents]) => {
      const tenant = tenantOfKey(key);
      return [tenant, documents.map((document) => fromAttributeDocument(tenant, document))] as const;
    });
  }

  /**
   * Changes an attribute that is still in one of some states.
   *
   * @returns `name-taken` when another one has the name; undefined when there is none, or its state is another by now.
   */
  async change(
    tenant: Tenant,
    id: string,
    from: readonly ComputedAttributeStatus[],
    change: AttributeChange,
  ): Promise<ComputedAttribute | 'name-taken' | undefined> {
    const filter = { _id: id, tenant: tenantKey(tenant), status: { $in: [...from] } };
    const refused = await unorderedBulk(this.attributes, [{ updateOne: { filter, update: { $set: change } } }]);
    if (refused.length > 0) return 'name-taken';
    const found = await this.find(tenant, id);
    const isAsWanted = found && (from.includes(found.status) || found.status === change.status);
    return isAsWanted ? found : undefined;
  }

  /** @returns what was removed; undefined when there was none in one of these states. */
  async remove(
    tenant: Tenant,
    id: string,
    from: readonly ComputedAttributeStatus[],
  ): Promise<ComputedAttribute | undefined> {
    const removed = await available(
      this.attributes.findOneAndDelete({ _id: id, tenant: tenantKey(tenant), status: { $in: [...from] } }),
    );
    return removed ? fromAttributeDocument(tenant, removed) : undefined;
  }
}

/** Values are data: each stands behind an operator of ours. */
function conditionFilter({ field, operator, values }: AttributeCondition): Filter<ComputedAttributeDocument> {
  const [value] = values;
  if (operator === 'in') return { [field]: { $in: [...values] } };
  return operator === '=' ? { [field]: { $eq: value } } : { [field]: { [operators[operator]]: value } };
}
