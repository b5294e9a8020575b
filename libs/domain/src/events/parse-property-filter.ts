import {
  PropertyFilterError,
  propertyFilterLimits,
  type PropertyFilter,
  type PropertyOperator,
} from './property-filter.js';

const FORM = /^(?<path>[^=!<>]*)(?<operator>!=|<=|>=|=|<|>)(?<value>.*)$/su;
const NOT_OF_A_NAME = /[,()\s\p{Cc}]/u;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads the `property` filters of a request (spec 06-entities).
 *
 * @throws PropertyFilterError when there are more than {@link propertyFilterLimits} allows, or one cannot be read.
 */
export function parsePropertyFilters(texts: readonly string[]): readonly PropertyFilter[] {
  const { maxFilters } = propertyFilterLimits;
  const tooMany = texts[maxFilters];
  if (tooMany !== undefined) {
    throw new PropertyFilterError(tooMany, `at most ${maxFilters} property filters are taken, not ${texts.length}`);
  }
  return texts.map(parsePropertyFilter);
}

/**
 * Reads `<dotted path><op><value>`, without spaces around the operator. The operator is the first there is, so names
 * contain none of `=` `!` `<` `>`, nor `.` `,` `(` `)`, white space and control characters. The value is
 * - in double or single quotes, text; a backslash takes the next character as it is;
 * - `true` or `false`, only with `=` and `!=`;
 * - a number as JSON writes it;
 * - anything else, bare text as it stands.
 *
 * @throws PropertyFilterError for anything else.
 */
export function parsePropertyFilter(text: string): PropertyFilter {
  if (text.length > propertyFilterLimits.maxLength) {
    throw new PropertyFilterError(text, `the filter is longer than ${propertyFilterLimits.maxLength} characters`);
  }
  const { path, operator, value } = FORM.exec(text)?.groups ?? {};
  if (path === undefined || operator === undefined || value === undefined) {
    throw new PropertyFilterError(text, 'no operator; write <path><op><value> with one of = != < <= > >=');
  }
  const filter = { path: namesOf(text, path), operator: operator as PropertyOperator, value: valueOf(text, value) };
  if (typeof filter.value === 'boolean' && operator !== '=' && operator !== '!=') {
    throw new PropertyFilterError(text, `${value} has no order; compare it with = or !=, or quote it to mean text`);
  }
  return filter;
}

function namesOf(text: string, path: string): string[] {
  if (path === '') throw new PropertyFilterError(text, 'no path before the operator; name a field, as in a.b=1');
  const names = path.split('.');
  if (names.includes('')) throw new PropertyFilterError(text, `the path "${path}" has an empty name between its dots`);
  if (NOT_OF_A_NAME.test(path)) {
    const fault = `the path "${path}" has white space, a comma, a parenthesis or a control character; write names and dots only`;
    throw new PropertyFilterError(text, fault);
  }
  return names;
}

function valueOf(text: string, value: string): string | number | boolean {
  const [first] = value;
  if (first === undefined)
    throw new PropertyFilterError(text, 'no value after the operator; write "" to mean empty text');
  if (first === '"' || first === "'") return quoted(text, value, first);
  if (/[=!<>\s]/.test(first)) {
    const fault = `a value cannot begin with ${JSON.stringify(first)} unless it is quoted; the operators are = != < <= > >=`;
    throw new PropertyFilterError(text, fault);
  }
  if (value === 'true' || value === 'false') return value === 'true';
  if (!NUMBER.test(value)) return value;
  const number = Number(value);
  if (!Number.isFinite(number))
    throw new PropertyFilterError(text, `${value} is too large a number; quote it to mean text`);
  return number;
}

function quoted(text: string, value: string, quote: string): string {
  let content = '';
  for (let at = 1; at < value.length; at += 1) {
    if (value[at] === quote) {
      if (at === value.length - 1) return content;
      const fault = `text after the closing quote; to have a ${quote} in a value, write \\${quote}`;
      throw new PropertyFilterError(text, fault);
    }
    if (value[at] === '\\') at += 1;
    content += value[at] ?? '';
  }
  throw new PropertyFilterError(text, `the quote ${quote} is not closed`);
}
