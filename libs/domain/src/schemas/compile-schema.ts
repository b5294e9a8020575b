import { _, Ajv, type KeywordCxt, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Fault, JsonObject, JsonValue } from '@tessera/contracts';
import { canonicalJson } from '../merge/canonical-json.js';
import { parseTimestamp } from '../record/timestamp.js';
import { patternEngine } from './linear-pattern.js';
import { checkedFormats } from './schema-keywords.js';
import { metered, WORK_KEYWORD } from './schema-work.js';
import { validationFaults } from './validation-faults.js';
import { WorkBudget, WorkExceeded } from './work-budget.js';

/** Every fault of a value, with paths that start with `root`. */
export type SchemaCheck = (value: JsonValue, root: string) => Fault[];

const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^(?:[+-]\d{6}|\d{4})-\d\d-\d\d[Tt ]/;

/**
 * Compiles lowered definitions into one check. It runs in bounded time whatever schema and value are: patterns do not
 * backtrack, comparisons are linear, and a budget of work ends what is left.
 *
 * @param start name of the definition to check values by.
 */
export function compileDefinitions(definitions: JsonObject, start: string): SchemaCheck {
  const budget = new WorkBudget();
  const ajv = newAjv(budget);
  const validate = ajv.compile({ $ref: `#/definitions/${start}`, definitions: metered(definitions) });
  return (value, root) => {
    budget.renew();
    try {
      return isValid(validate, value) ? [] : validationFaults(validate.errors ?? [], root);
    } catch (error) {
      if (!(error instanceof WorkExceeded)) throw error;
      return [{ path: root, message: `${error.message}; make it or its schema simpler` }];
    }
  };
}

function isValid(validate: ValidateFunction, value: JsonValue): boolean {
  return validate(value);
}

/** One for each schema: what it compiles is kept as long as itself. */
function newAjv(budget: WorkBudget): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true, // Faults name the type a value has.
    strict: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    ownProperties: true,
    logger: false,
    code: { regExp: patternEngine(budget) },
  });
  addFormats(ajv, { mode: 'fast', formats: [...checkedFormats] });
  ajv.addFormat('date', (text) => DATE.test(text) && parseTimestamp(text) !== undefined);
  ajv.addFormat('date-time', (text) => DATE_TIME.test(text) && parseTimestamp(text) !== undefined);
  ajv.addKeyword({
    keyword: WORK_KEYWORD,
    schemaType: 'number',
    before: 'not',
    code({ gen, schema }: KeywordCxt) {
      const left = gen.scopeValue('obj', { ref: budget });
      gen.code(_`if ((${left}.left -= ${schema as number}) < 0) throw ${left}.exceeded`);
    },
  });
  // Ajv's own compares every item with every other.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not repeat an item' },
    validate: (isWanted: boolean, items: JsonValue[]) =>
      !isWanted || new Set(items.map(canonicalJson)).size === items.length,
  });
  return ajv;
}
