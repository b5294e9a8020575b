import type { JsonObject, JsonValue } from '@tessera/contracts';
import { escapePointer, problem } from '@tessera/http';

/**
 * What a body of a replay has tried in place of the dead letter; nothing where it corrects nothing.
 *
 * @throws ProblemError `invalid-body` for any other field: a correction in the wrong place must not replay the old record.
 */
export function correctionOf(body: JsonObject): JsonValue | undefined {
  const { record, ...others } = body;
  const unknown = Object.keys(others);
  if (unknown.length === 0) return record;
  throw problem('invalid-body', {
    detail:
      'The body of a replay has one field: the corrected envelope goes into "record", with its header and body. Nothing was replayed.',
    errors: unknown.slice(0, 100).map((key) => ({ path: `/${escapePointer(key)}`, message: 'is not a known field' })),
  });
}
