import { tenantKey, type Tenant } from '@tessera/contracts';
import type { IndexDefinition } from '../indexes.js';
import type { ComputedAttribute } from './computed-attribute.js';

/** An attribute, as stored. */
export interface ComputedAttributeDocument extends Omit<ComputedAttribute, 'id' | 'tenant'> {
  readonly _id: string;
  readonly tenant: string;
}

export const computedAttributeIndexes: readonly IndexDefinition[] = [
  { collection: 'computed_attributes', key: { tenant: 1, name: 1 }, options: { unique: true } },
  { collection: 'computed_attributes', key: { tenant: 1, updatedAt: -1, _id: -1 } },
  { collection: 'computed_attributes', key: { status: 1 } },
];

export function toAttributeDocument({ id, tenant, ...rest }: ComputedAttribute): ComputedAttributeDocument {
  return { _id: id, tenant: tenantKey(tenant), ...rest };
}

export function fromAttributeDocument(
  tenant: Tenant,
  { _id, tenant: _key, ...rest }: ComputedAttributeDocument,
): ComputedAttribute {
  return { id: _id, tenant, ...rest };
}
