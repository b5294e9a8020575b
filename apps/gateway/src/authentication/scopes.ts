import { isScope, scopes, type Scope } from '@tessera/http';

/**
 * The scopes of a new token (spec 02-conventions, "Headers"): those of the requested ones that the client has. Requested
 * ones are separated by spaces or commas and unknown ones ignored; where none known is requested, all the client has.
 *
 * @param held what the client may have; everything when absent.
 */
export function grantedScopes(requested: string | undefined, held: readonly string[] = scopes): readonly Scope[] {
  const known = (requested ?? '').split(/[\s,]+/).filter(isScope);
  const wanted = known.length === 0 ? scopes : known;
  return scopes.filter((scope) => wanted.includes(scope) && held.includes(scope));
}
