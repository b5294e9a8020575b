import {
  parsePropertyFilters,
  PropertyFilterError,
  type PropertyFilter,
  eventSchemaName,
  profileSchemaName,
  recordSchemaNames,
} from '@tessera/domain';
import { limitParameter, problem, type ParameterSchema } from '@tessera/http';
import type { RequestedIdentity } from './requested-identity.js';

/** Query of `GET` on the entities: of one profile, or of one profile's events. */
export interface AccessQuery {
  readonly 'schema.name': string;
  readonly 'relatedSchema.name'?: string;
  readonly entityId?: string;
  readonly entityIdNS?: string;
  readonly entityIdNs?: string;
  readonly relatedEntityId?: string;
  readonly relatedEntityIdNS?: string;
  readonly relatedEntityIdNs?: string;
  readonly fields?: string;
  readonly mergePolicyId?: string;
  readonly withCA?: boolean;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly limit?: number;
  readonly orderby?: string;
  readonly orderBy?: string;
  readonly start?: string;
  readonly offsets?: string;
  readonly property?: readonly string[];
}

const name = { type: 'string', minLength: 1 };
// An unencoded plus sign arrives as a blank.
const order = { type: 'string', pattern: '^[ +-]?timestamp$' };
const token = { type: 'string' };

export const accessParameters: Readonly<Record<keyof AccessQuery, ParameterSchema>> = {
  'schema.name': { type: 'string', enum: [...recordSchemaNames, eventSchemaName] },
  'relatedSchema.name': { type: 'string', enum: [profileSchemaName], description: 'Required for events' },
  entityId: { ...name, description: 'An XID, or a value of the namespace entityIdNS; required but for events' },
  entityIdNS: { ...name, description: 'Namespace code; entityIdNs is taken too' },
  entityIdNs: name,
  relatedEntityId: { ...name, description: 'Whose events: an XID, or a value of the namespace relatedEntityIdNS' },
  relatedEntityIdNS: { ...name, description: 'Namespace code; relatedEntityIdNs is taken too' },
  relatedEntityIdNs: name,
  fields: { ...name, description: 'Selector of what is shown; all when absent' },
  mergePolicyId: { ...name, description: 'The default policy when absent' },
  withCA: { type: 'boolean', description: 'Whether computed attributes are added' },
  startTime: { type: 'integer', description: 'Only events at or after this, epoch ms' },
  endTime: { type: 'integer', description: 'Only events before this, epoch ms' },
  limit: { ...limitParameter(1_000), description: 'Events on one page' },
  orderby: { ...order, description: 'Order of events: timestamp, +timestamp (default) or -timestamp' },
  orderBy: { ...order, description: 'The same as orderby' },
  start: { ...token, description: 'Token out of `_page.next`' },
  offsets: { ...token, description: 'The same as start' },
  property: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    description:
      'Up to three filters of events, joined by AND: a dotted path, one of = != < <= > >=, and a number, true, false, a text or an ISO 8601 date',
  },
};

/** @throws ProblemError `invalid-parameter` without `entityId`. */
export function requestedRecord(query: AccessQuery): RequestedIdentity {
  const { entityId } = query;
  if (entityId === undefined) throw missing('entityId');
  return identity(entityId, query.entityIdNS ?? query.entityIdNs);
}

/** @throws ProblemError `invalid-parameter` without `relatedSchema.name` or `relatedEntityId`. */
export function requestedOwner(query: AccessQuery): RequestedIdentity {
  const { relatedEntityId } = query;
  if (query['relatedSchema.name'] === undefined) throw missing('relatedSchema.name');
  if (relatedEntityId === undefined) throw missing('relatedEntityId');
  return identity(relatedEntityId, query.relatedEntityIdNS ?? query.relatedEntityIdNs);
}

/** @throws ProblemError `invalid-parameter` naming the filter at fault. */
export function readPropertyFilters(texts: readonly string[]): readonly PropertyFilter[] {
  try {
    return parsePropertyFilters(texts);
  } catch (error) {
    if (!(error instanceof PropertyFilterError)) throw error;
    throw problem('invalid-parameter', {
      detail: `A property filter cannot be read: ${error.fault}.`,
      errors: [{ path: `/property/${texts.indexOf(error.filter)}`, message: error.fault }],
    });
  }
}

/** The path and query that fetch the next page of events; empty without a token, on the last page. */
export function nextPageReference(query: AccessQuery, token: string): string {
  if (token === '') return '';
  // Clients differ in which of the two they send back.
  const next = new URLSearchParams({ start: token, offsets: token });
  for (const parameter of Object.keys(accessParameters) as (keyof AccessQuery)[]) {
    if (parameter === 'start' || parameter === 'offsets') continue;
    const value = query[parameter];
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) next.append(parameter, String(one));
    }
  }
  return `/entities?${next.toString()}`;
}

function identity(entityId: string, namespaceCode: string | undefined): RequestedIdentity {
  return { entityId, ...(namespaceCode !== undefined && { namespaceCode }) };
}

function missing(parameter: string) {
  const message = 'is required';
  return problem('invalid-parameter', {
    detail: `The parameter ${parameter} is required with this schema.name.`,
    errors: [{ path: `/${parameter}`, message }],
  });
}
