import fc from 'fast-check';
import { PqlProgram, type PersonEvent } from './aggregate/program.js';
import { expressions, subjects } from './reference/expressions.arbitrary.js';
import { referenceValue } from './reference/pql.reference.js';
import { parse } from './syntax/parse.js';

function plainEvents(events: readonly PersonEvent[]) {
  const place = ({ time, eventId, datasetId }: PersonEvent) =>
    [String(time).padStart(15), eventId, datasetId].join(' ');
  return events
    .toSorted((left, right) => (place(left) < place(right) ? -1 : 1))
    .map(({ body, time }) => ({ ...body, timestamp: new Date(time) }));
}

describe('an expression', () => {
  it('has the value that a separately written, slow evaluator gives it', () => {
    fc.assert(
      fc.property(expressions, subjects, (text, { events, profile, now }) => {
        const program = new PqlProgram(text);
        const expected = referenceValue(parse(text), { events: plainEvents(events), profile, now: new Date(now) });
        expect(program.evaluate(events, { now, profile })).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 500 },
    );
  });

  it('has the same value from summaries of any groups of its events, joined in any order', () => {
    let incremental = 0;
    fc.assert(
      fc.property(
        expressions,
        subjects,
        fc.array(fc.nat({ max: 3 }), { minLength: 12, maxLength: 12 }),
        (text, { events, profile, now }, groups) => {
          const program = new PqlProgram(text);
          if (!program.incremental) return;
          incremental += 1;
          const intervals = program.intervals(now);
          const grouped = Map.groupBy(events, (_, index) => groups[index]);
          const summaries = [...grouped.values()].map((some) => ({ summary: program.summarise(some, intervals) }));
          expect(program.combine(summaries, { now, profile })).toEqual(program.evaluate(events, { now, profile }));
        },
      ),
      { numRuns: 1_000 },
    );
    expect(incremental).toBeGreaterThan(200);
  });

  it.each([
    '[0, 1][(select x from xEvent where x.n > $1).count() = 1]',
    'xEvent.topN(timestamp, 2)[(select x from xEvent where $1.timestamp occurs before today).count() = 2]',
    'select y from xEvent where exists x from x where x = 1',
  ])('is not summarised where it asks each event about something that is not in it: %s', (text) => {
    const now = Date.parse('2026-03-17T12:00:00Z');
    const events = [-1, 0].map((days, n) => ({
      eventId: `e${n}`,
      datasetId: 'one',
      time: now + days * 86_400_000,
      body: { n },
    }));
    const profile = { x: [1] };
    const program = new PqlProgram(`(${text}).count()`);
    const expected = referenceValue(parse(`(${text}).count()`), {
      events: plainEvents(events),
      profile,
      now: new Date(now),
    });
    expect(expected).toBeGreaterThan(0);
    expect(program.evaluate(events, { now, profile })).toBe(expected);
    expect(program.incremental).toBe(false);
  });
});
