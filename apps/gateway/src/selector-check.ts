import { parseSelector, SelectorError } from '@tessera/domain';
import { furtherCheck } from '@tessera/http';

/** A selector of fields that can be read (spec 06-entities, "Field selection"), in any body that has one. */
export const selectorCheck = furtherCheck('selector', (value) => {
  if (typeof value !== 'string') return [];
  try {
    parseSelector(value);
    return [];
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    return [{ path: '', message: error.message }];
  }
});
