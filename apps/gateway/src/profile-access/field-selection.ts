import { parseSelector, SelectorError, type Selector } from '@tessera/domain';
import { problem } from '@tessera/http';

/**
 * The selector in the parameter `fields`, if there is one.
 *
 * @throws ProblemError `invalid-parameter` with the column of the fault.
 */
export function readFields(fields: string | undefined): Selector | undefined {
  if (fields === undefined) return undefined;
  try {
    return parseSelector(fields);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw problem('invalid-parameter', {
      detail: `The parameter fields is no selector: ${error.message}.`,
      errors: [{ path: '/fields', message: error.message }],
    });
  }
}
