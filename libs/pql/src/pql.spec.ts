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
});
