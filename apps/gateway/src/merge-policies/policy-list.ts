import { compareText, type MergePolicy } from '@tessera/domain';
import { encodePageToken, limitParameter, pageTokenReader, type ParameterSchema } from '@tessera/http';
import { settingSchemas } from './policy.schema.js';

/** Query of the list of policies; every filter is optional and they are joined by AND. */
export interface PolicyListQuery {
  readonly default?: boolean;
  readonly isActiveOnEdge?: boolean;
  readonly 'schema.name'?: string;
  readonly 'identityGraph.type'?: string;
  readonly 'attributeMerge.type'?: string;
  readonly version?: number;
  readonly orderBy?: string;
  readonly limit?: number;
  readonly start?: string;
}

const DEFAULT_LIMIT = 20;

export const policyListParameters: Readonly<Record<keyof PolicyListQuery, ParameterSchema>> = {
  default: { type: 'boolean' },
  isActiveOnEdge: { type: 'boolean' },
  'schema.name': settingSchemas['schema.name'],
  'identityGraph.type': settingSchemas['identityGraph.type'],
  'attributeMerge.type': settingSchemas['attributeMerge.type'],
  version: { type: 'integer', minimum: 1, description: 'Policies whose current version this is' },
  // An unencoded plus sign arrives as a blank.
  orderBy: { type: 'string', pattern: '^[ +-]?name$', default: 'name', description: 'name, +name or -name' },
  limit: limitParameter(DEFAULT_LIMIT),
  start: { type: 'string', description: 'Token out of `_links.next.href`' },
};

interface Place {
  readonly name: string;
  readonly id: string;
}

const readToken = pageTokenReader<Place>({
  type: 'object',
  required: ['name', 'id'],
  properties: { name: { type: 'string' }, id: { type: 'string' } },
});

export interface PolicyPage {
  readonly totalCount: number;
  readonly limit: number;
  readonly policies: readonly MergePolicy[];
  /** Empty on the last page. */
  readonly next: string;
}

/**
 * One page of policies by name, then id. The token is the last one's place, so pages neither repeat nor skip a policy that
 * keeps its name while others come and go.
 *
 * @throws ProblemError `invalid-page-token`.
 */
export function policyPage(policies: readonly MergePolicy[], query: PolicyListQuery): PolicyPage {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const direction = query.orderBy?.startsWith('-') === true ? -1 : 1;
  const compare = (a: Place, b: Place): number => direction * (compareText(a.name, b.name) || compareText(a.id, b.id));
  const matching = policies.filter((policy) => matches(policy, query)).sort(compare);
  const after = query.start === undefined || query.start === '' ? undefined : readToken(query.start);
  const remaining = after === undefined ? matching : matching.filter((policy) => compare(policy, after) > 0);
  const page = remaining.slice(0, limit);
  const last = page.at(-1);
  const next = last !== undefined && remaining.length > limit ? nextPage(query, limit, last) : '';
  return { totalCount: matching.length, limit, policies: page, next };
}

function matches(policy: MergePolicy, query: PolicyListQuery): boolean {
  const wanted: [unknown, unknown][] = [
    [query.default, policy.default],
    [query.isActiveOnEdge, policy.isActiveOnEdge],
    [query['schema.name'], policy.schema.name],
    [query['identityGraph.type'], policy.identityGraph.type],
    [query['attributeMerge.type'], policy.attributeMerge.type],
    [query.version, policy.version],
  ];
  return wanted.every(([filter, value]) => filter === undefined || filter === value);
}

/** The query part fetches the next page with the same filters; the path is the published API's. */
function nextPage(
  { start: _start, orderBy = 'name', limit: _limit, ...filters }: PolicyListQuery,
  limit: number,
  { name, id }: Place,
): string {
  const query = new URLSearchParams({
    start: encodePageToken({ name, id }),
    orderBy: orderBy.trim(),
    limit: String(limit),
  });
  for (const [filter, value] of Object.entries(filters)) {
    if (Object.hasOwn(policyListParameters, filter)) query.set(filter, String(value));
  }
  return `@/mergePolicies?${query.toString()}`;
}
