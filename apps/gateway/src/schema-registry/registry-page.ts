import type { JsonObject } from '@tessera/contracts';
import { encodePageToken, limitParameter, pageTokenReader, type ParameterSchema } from '@tessera/http';
import type { CreationPlace } from '@tessera/stores';

/** As many as the published API lists when not told otherwise. */
export const DEFAULT_LIMIT = 300;

export interface RegistryListQuery {
  readonly limit?: number;
  readonly start?: string;
}

export const registryListParameters: Readonly<Record<keyof RegistryListQuery, ParameterSchema>> = {
  limit: limitParameter(DEFAULT_LIMIT),
  start: { type: 'string', maxLength: 2_048, description: '`_page.next` of the page before' },
};

const readToken = pageTokenReader<CreationPlace>({
  type: 'object',
  required: ['created', 'id'],
  properties: { created: { type: 'integer' }, id: { type: 'string' } },
});

/** The place a page starts after. @throws ProblemError `invalid-page-token`. */
export function startOf({ start }: RegistryListQuery): CreationPlace | undefined {
  return start === undefined || start === '' ? undefined : readToken(start);
}

/**
 * A page as the published API shows one. Pages follow the order of creation, so none repeats or skips an item that is there
 * throughout.
 *
 * @param found the items of the page, and one more where there is one.
 * @param path of the list, below the registry.
 */
export function registryPage(
  found: readonly { readonly place: CreationPlace; readonly shown: JsonObject }[],
  limit: number,
  path: string,
) {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last !== undefined ? encodePageToken({ ...last.place }) : null;
  const href = `/data/foundation/schemaregistry${path}?start=${next}&limit=${limit}`;
  return {
    results: items.map(({ shown }) => shown),
    _page: { orderby: 'created', next, count: items.length },
    _links: next === null ? {} : { next: { href } },
  };
}
