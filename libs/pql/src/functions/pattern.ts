import { RE2JS } from 're2js';

/** Instructions that a pattern may become: more would make matching slow, though never more than in proportion. */
const MOST_INSTRUCTIONS = 2_048;

/**
 * Compiles a regular expression for an engine that never backtracks (RE2's syntax: no look-around, no back-references).
 *
 * @returns the pattern, or why it cannot be run.
 */
export function compilePattern(text: string): RE2JS | string {
  try {
    const pattern = RE2JS.compile(text);
    if (pattern.programSize() <= MOST_INSTRUCTIONS) return pattern;
    return 'the pattern is too large; repeat less in it';
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    return `is no regular expression of RE2 (no look-around, no back-references): ${reason}`;
  }
}
