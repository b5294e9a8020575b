import type { PatchFailure } from '@tessera/domain';
import { problem, type ProblemError, type ProblemSlug } from '@tessera/http';

/**
 * What a client is told of a JSON Patch that cannot be applied.
 *
 * @param conflict the problem where a `test` failed: somebody else changed the document, most likely.
 */
export function patchProblem({ index, message, isConflict }: PatchFailure, conflict: ProblemSlug): ProblemError {
  const detail = `Operation ${index} of the patch cannot be applied: ${message}. Nothing was changed.`;
  const errors = [{ path: `/${index}`, message }];
  return problem(isConflict ? conflict : 'patch-not-applicable', { detail, errors });
}
