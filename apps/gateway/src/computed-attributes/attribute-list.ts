import { problem, type ParameterSchema } from '@tessera/http';
import {
  computedAttributeStatuses,
  type AttributeCondition,
  type AttributeField,
  type AttributePage,
} from '@tessera/stores';

/** Query of the list of attributes. */
export interface AttributeListQuery {
  readonly limit?: number;
  readonly offset?: number;
  readonly sortBy?: string;
  readonly status?: string;
  readonly property?: readonly string[];
}

const DEFAULT_LIMIT = 20;
const MOST = 40;

const fields: Readonly<Record<string, AttributeField>> = {
  name: 'name',
  displayName: 'displayName',
  status: 'status',
  createEpoch: 'createdAt',
  updateEpoch: 'updatedAt',
};

export const attributeListParameters: Readonly<Record<keyof AttributeListQuery, ParameterSchema>> = {
  limit: { type: 'integer', minimum: 1, maximum: MOST, default: DEFAULT_LIMIT, description: 'Items on one page' },
  offset: { type: 'integer', minimum: 0, default: 0, description: 'Items to skip' },
  sortBy: {
    type: 'string',
    pattern: '^-?(name|status|updateEpoch|createEpoch)$',
    default: '-updateEpoch',
    description: 'A field, after a hyphen for descending order',
  },
  status: {
    type: 'string',
    minLength: 1,
    description: `Only those in one of these states, separated by commas, in any case: ${computedAttributeStatuses.join(', ')}`,
  },
  property: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    maxItems: 10,
    description: 'Filters joined by AND: status=contains(new,processing), name!=x, updateEpoch>=1700000000000',
  },
};

/** @throws ProblemError `invalid-parameter` for a filter that cannot be read, or a state that there is not. */
export function attributePage(query: AttributeListQuery): AttributePage {
  const { limit = DEFAULT_LIMIT, offset = 0, sortBy = '-updateEpoch' } = query;
  const field = fields[sortBy.replace('-', '')] ?? 'updatedAt';
  const conditions = (query.property ?? []).map(conditionOf);
  if (query.status !== undefined) {
    conditions.push({ field: 'status', operator: 'in', values: statesOf(query.status, '/status') });
  }
  return { conditions, sort: { field, descending: sortBy.startsWith('-') }, offset, limit };
}

/** Links to other pages with the same filters; those that do not exist are left out. */
export function attributeLinks(query: AttributeListQuery, totalCount: number) {
  const { limit = DEFAULT_LIMIT, offset = 0 } = query;
  const at = (place: number) => {
    const parameters = new URLSearchParams({ offset: String(place), limit: String(limit) });
    if (query.sortBy !== undefined) parameters.set('sortBy', query.sortBy);
    if (query.status !== undefined) parameters.set('status', query.status);
    for (const property of query.property ?? []) parameters.append('property', property);
    return { href: `/data/core/ca/attributes?${parameters.toString()}` };
  };
  const last = Math.max(0, Math.ceil(totalCount / limit) - 1) * limit;
  return {
    self: at(offset),
    ...(offset + limit < totalCount && { next: at(offset + limit) }),
    ...(offset > 0 && { prev: at(Math.max(0, offset - limit)) }),
    last: at(last),
  };
}

const filter = /^(\w+)\s*(?:=\s*contains\(([^()]*)\)|(!=|>=|<=|=|>|<)(.*))$/s;

function conditionOf(text: string, index: number): AttributeCondition {
  const [, name = '', list, operator = '=', value = ''] = filter.exec(text) ?? [];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) throw unreadable(index, `names none of ${Object.keys(fields).join(', ')}`);
  const at = `/property/${index}`;
  const isTime = field === 'createdAt' || field === 'updatedAt';
  if (list !== undefined) {
    if (isTime) throw unreadable(index, 'compares a time with a list');
    return { field, operator: 'in', values: field === 'status' ? statesOf(list, at) : valuesOf(list) };
  }
  const plain = value.trim().replace(/^(["'])(.*)\1$/, '$2');
  if (isTime && !/^\d{1,15}$/.test(plain)) throw unreadable(index, 'compares a time with what is no epoch in ms');
  const compared = isTime ? Number(plain) : field === 'status' ? stateOf(plain, at) : plain;
  return { field, operator: operator as AttributeCondition['operator'], values: [compared] };
}

function valuesOf(list: string): string[] {
  return list.split(',').map((one) => one.trim());
}

function statesOf(list: string, path: string): string[] {
  return valuesOf(list).map((state) => stateOf(state, path));
}

/** @param path where the query names the state. */
function stateOf(text: string, path: string): string {
  const state = computedAttributeStatuses.find((known) => known === text.toUpperCase());
  if (state !== undefined) return state;
  throw problem('invalid-parameter', {
    detail: `There is no state "${text.slice(0, 256)}" of computed attributes; there are ${computedAttributeStatuses.join(', ')}.`,
    errors: [{ path, message: `must be one of ${computedAttributeStatuses.join(', ')}` }],
  });
}

function unreadable(index: number, message: string) {
  return problem('invalid-parameter', {
    detail: `A property filter cannot be read: it ${message}.`,
    errors: [{ path: `/property/${index}`, message }],
  });
}
