import { PqlProgram } from './aggregate/program.js';
import { defaultLimits, PqlLimitError } from './evaluate/budget.js';
import { PqlError } from './syntax/fault.js';

const events = Array.from({ length: 5_000 }, (_, index) => ({
  time: index,
  eventId: String(index),
  datasetId: 'dataset',
  body: { n: index, s: 'x'.repeat(200), l: Array.from({ length: 20 }, (_, place) => place) },
}));
const profile = { long: 'a'.repeat(1_000_000) };

describe('an expression that would take long', () => {
  it.each([
    'xEvent.map(xEvent.map(xEvent.map(n)))',
    'exists a from xEvent, b from xEvent, c from xEvent where a.n = b.n + c.n + 0.5',
    'xEvent.map(xEvent)',
    'xEvent[xEvent.n.sum() < 0]',
    'xEvent.map(xEvent.s.distinct())',
    'xEvent.l.intersection(xEvent.n)',
    'xEvent.map(xEvent.topN(n, 5))',
    'let a = xEvent.map(xEvent) in let b = a.map(a) in b.map(b).distinct()',
  ])('is ended, and has no value: %s', (text) => {
    expect(() => new PqlProgram(text).evaluate(events, { now: 0, profile })).toThrow(PqlLimitError);
  });

  it('pays for texts and patterns by their size before they are matched', () => {
    const slow = 'long.matches("(?:a?){200}(?:a{1,100}){10}b")';
    expect(() => new PqlProgram(slow).evaluate([], { now: 0, profile })).toThrow();
    const like = new PqlProgram(`long like "${'%a_'.repeat(60)}%b"`);
    expect(() => like.evaluate([], { now: 0, profile })).toThrow(PqlLimitError);
  });

  it('is not written when its pattern is too large to be run at all', () => {
    expect(() => new PqlProgram('long.matches("((a{1,100}){1,100}){1,100}")')).toThrow(PqlError);
    expect(() => new PqlProgram('long.matches("(?:(?:a{1,30}){1,30}b){1,30}")')).toThrow(PqlError);
  });

  it('is ended by the clock where steps are no measure', () => {
    const program = new PqlProgram('xEvent.map(xEvent.n.sum())', { steps: Infinity, milliseconds: 5 });
    expect(() => program.evaluate(events, { now: 0 })).toThrow('the expression takes too long');
  });

  it('may use a pattern on ordinary texts', () => {
    const program = new PqlProgram('xEvent[s.matches("^x+$")].count()', { ...defaultLimits, milliseconds: Infinity });
    expect(program.evaluate(events.slice(0, 500), { now: 0 })).toBe(500);
  });
});
