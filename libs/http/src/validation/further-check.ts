import type { Fault, JsonValue } from '@tessera/contracts';
import type { DataValidateFunction, FuncKeywordDefinition } from 'ajv/dist/types/index.js';

/** Our own keyword: the name of a check of what a JSON Schema cannot say. */
export const CHECK_KEYWORD = 'x-check';

/**
 * Finds what is wrong with a value, which may be anything: what the schema says beside the check need not hold. Paths of
 * faults are JSON Pointers from the value; the value itself is ''. Undefined is a body that is not there.
 */
export type FurtherCheck = (value: JsonValue | undefined) => readonly Fault[];

const checks = new Map<string, FurtherCheck>();

/**
 * Makes a check part of schemas, so that its faults are told together with all else that is wrong with a body. Of a place
 * that a schema refuses already, a check has nothing to add.
 *
 * @param name what schemas, and with them the API's document, call it.
 * @returns what to spread into the schema of the values concerned.
 * @throws Error for a name that is taken.
 * @example const selector = { type: 'string', ...furtherCheck('selector', selectorFaults) };
 */
export function furtherCheck(name: string, check: FurtherCheck): Readonly<Record<typeof CHECK_KEYWORD, string>> {
  if (checks.has(name)) throw new Error(`two checks of the name ${name}`);
  checks.set(name, check);
  return { [CHECK_KEYWORD]: name };
}

export const checkKeyword: FuncKeywordDefinition = {
  keyword: CHECK_KEYWORD,
  schemaType: 'string',
  compile(name: string) {
    const check = checks.get(name);
    if (check === undefined) throw new Error(`no check of the name ${name}`);
    const validate: DataValidateFunction = (value: JsonValue | undefined, context) => {
      const faults = check(value);
      validate.errors = faults.map(({ path, message }) => {
        const instancePath = `${context?.instancePath ?? ''}${path}`;
        return { keyword: CHECK_KEYWORD, instancePath, params: {}, message };
      });
      return faults.length === 0;
    };
    return validate;
  },
};
