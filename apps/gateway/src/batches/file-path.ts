import { problem } from '@tessera/http';

const LONGEST_PATH = 1_024;
// A backslash parts names on some systems, and a control character is no part of any name a person gives.
const forbidden = /[\\\p{Cc}]/u;

/**
 * What a client calls a file of a batch: names parted by slashes. It is only ever data, never a name in the store; what
 * could lead elsewhere is refused nevertheless, for whoever takes it for a path later.
 *
 * @throws ProblemError `invalid-parameter`.
 */
export function checkedFilePath(path: string): string {
  const fault = faultOf(path);
  if (fault === undefined) return path;
  throw problem('invalid-parameter', {
    detail: `The path of the file ${fault}.`,
    errors: [{ path: '/path', message: fault }],
  });
}

function faultOf(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (path.length > LONGEST_PATH) return `must not be longer than ${LONGEST_PATH} characters`;
  if (forbidden.test(path)) return 'must not contain backslashes or control characters';
  const names = path.split('/');
  if (names.includes('')) return 'must not begin or end with a slash, or contain two in a row';
  return names.includes('.') || names.includes('..') ? 'must not contain the names "." and ".."' : undefined;
}
