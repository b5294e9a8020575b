import { RE2JS } from 're2js';
import { CHARACTER_STEPS, type WorkBudget } from './work-budget.js';

/** Characters of a pattern, and instructions it may become. */
const MOST_CHARACTERS = 2_048;
const MOST_INSTRUCTIONS = 4_096;

/**
 * Compiles a pattern of a customer's schema for an engine that never backtracks, so that no pattern can stall a service
 * (RE2's syntax: everything of ECMA-262 but look-around and back-references).
 *
 * @returns the pattern, or why it cannot be run.
 */
export function linearPattern(pattern: string): RE2JS | string {
  if (pattern.length > MOST_CHARACTERS) return `a pattern may have ${MOST_CHARACTERS} characters`;
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return compiled.programSize() <= MOST_INSTRUCTIONS ? compiled : 'the pattern is too large; repeat less in it';
  } catch {
    return 'is no pattern that can be run in linear time: look-around and back-references are not supported';
  }
}

/** The engine Ajv runs patterns with. Work is charged by length of text and size of pattern. */
export function patternEngine(budget: WorkBudget) {
  const compile = (pattern: string) => {
    const compiled = linearPattern(pattern);
    if (typeof compiled === 'string') throw new RangeError(compiled);
    const cost = compiled.programSize() / CHARACTER_STEPS;
    return {
      test: (text: string) => {
        budget.spend(text.length * cost);
        return compiled.test(text);
      },
      // Ajv tells patterns apart by their text.
      toString: () => pattern,
    };
  };
  return Object.assign(compile, { code: 'linearPattern' });
}
