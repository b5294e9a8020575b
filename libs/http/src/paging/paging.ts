import { problem } from '../problem/problem-error.js';
import { compileSchema, type JsonSchema } from '../validation/validator.js';
import type { ParameterSchema } from '../validation/query.js';

/** The maximum of a list where its page of the specification names none (spec 02-conventions, "Paging"). */
export const LIST_MAXIMUM = 1_000;

/** The query parameter `limit`: below 1 or above `maximum` is a 400. */
export function limitParameter(defaultLimit: number, maximum = LIST_MAXIMUM): ParameterSchema {
  return { type: 'integer', minimum: 1, maximum, default: defaultLimit, description: 'Items on one page.' };
}

/** The query parameter `start` of lists that count in items. */
export const offsetParameter: ParameterSchema = {
  type: 'integer',
  minimum: 0,
  default: 0,
  description: 'Items to skip.',
};

/**
 * Where a page starts in a list that takes `start`, and the number of a page by `page` as well.
 *
 * @param perPage by how much `start` grows from one page to the next: the limit where it counts items, 1 where it counts pages.
 * @throws ProblemError `invalid-parameter` where both are given and name different pages.
 */
export function startOfPage(
  { start, page }: { readonly start?: number; readonly page?: number },
  perPage: number,
): number {
  if (page === undefined) return start ?? 0;
  const named = page * perPage;
  if (start === undefined || start === named) return named;
  const message = `is not the page that start=${start} names; use start alone`;
  throw problem('invalid-parameter', {
    detail: `The parameters start and page name different pages: page=${page} is start=${named}, not start=${start}. Use start alone.`,
    errors: [{ path: '/page', message }],
  });
}

/** A place in a list as an opaque, URL-safe token. */
export function encodePageToken(place: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * Makes the reader of one list's page tokens.
 *
 * @param schema JSON Schema of the place; tokens are user input, so name every field and its type.
 * @returns a function that throws ProblemError `invalid-page-token` for anything the list did not give.
 */
export function pageTokenReader<Place>(schema: JsonSchema): (token: string) => Place {
  const isPlace = compileSchema<Place>(schema);
  return (token) => {
    const place = decode(token);
    if (isPlace(place)) return place;
    throw problem('invalid-page-token', { detail: 'The page token was not given by this list; start without it.' });
  };
}

function decode(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
