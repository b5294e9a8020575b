import { parseSelector, SelectorError, type Selector } from '@tessera/domain';
import { problem } from '@tessera/http';

/**
 * The selector that the parameter `fields` is, or the list of selectors it is in a body; undefined where there is none.
 *
 * @throws ProblemError `invalid-parameter` with the column of the fault.
 */
export function readFields(fields: string | readonly string[] | undefined): Selector | undefined {
  if (fields === undefined || (typeof fields === 'object' && fields.length === 0)) return undefined;
  try {
    return parseSelector(typeof fields === 'string' ? fields : fields.join(','));
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw problem('invalid-parameter', {
      detail: `The parameter fields is no selector: ${error.message}.`,
      errors: [{ path: '/fields', message: error.message }],
    });
  }
}
