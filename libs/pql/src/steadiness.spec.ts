import { PqlProgram } from './aggregate/program.js';

describe('a value stays what it is while nothing but time passes', () => {
  const now = Date.parse('2024-12-30T10:20:30.400Z');
  it.each([
    ['xEvent.total.sum()', undefined],
    ['xEvent[timestamp occurs < 3 days before now].count()', undefined],
    ['xEvent.count() > 3 and tier = "gold"', undefined],
    ['person.birthDate.getMonth() = currentMonth()', '2025-01-01T00:00:00.000Z'],
    ['person.birthDate.getYear() = currentYear()', '2025-01-01T00:00:00.000Z'],
    ['xEvent.count() + currentDayOfMonth()', '2024-12-31T00:00:00.000Z'],
    ['xEvent.timestamp.max() occurs after yesterday', '2024-12-31T00:00:00.000Z'],
    ['xEvent.timestamp.max() occurs this week', '2025-01-05T00:00:00.000Z'],
    ['xEvent.timestamp.max() occurs last hour', '2024-12-30T11:00:00.000Z'],
    ['xEvent.timestamp.max() occurs this second', '2024-12-30T10:21:00.000Z'],
    ['xEvent.timestamp.max() occurs < 3 days before now', '2024-12-30T10:21:00.000Z'],
    ['xEvent[timestamp.getMonth() = currentMonth()].count()', '2025-01-01T00:00:00.000Z'],
    ['if(currentMonth() = 1, xEvent.count(), now)', '2024-12-30T10:21:00.000Z'],
  ])('of %s until %s', (expression, until) => {
    const expected = until === undefined ? Infinity : Date.parse(until);
    expect(new PqlProgram(expression).steadyUntil(now)).toBe(expected);
  });
});
