/** Header that tells which content is known already. */
export interface KnownContentHeaders {
  readonly 'if-none-match'?: string | undefined;
}

/**
 * Whether a client has the content already, as `If-None-Match` tells (RFC 9110 §13.1.2): it need not be sent again then.
 * What is malformed names nothing.
 *
 * @param etag of the content there is, quotes included.
 */
export function isKnownContent({ 'if-none-match': known }: KnownContentHeaders, etag: string): boolean {
  if (known === undefined) return false;
  return known.trim() === '*' || [...known.matchAll(/(?:W\/)?("[^"]*")/g)].some(([, one]) => one === etag);
}
