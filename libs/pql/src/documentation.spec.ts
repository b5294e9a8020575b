import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import { PqlProgram } from './aggregate/program.js';
import { functions } from './functions/functions.js';

const page = readFileSync('docs/pql.md', 'utf8');

function block(name: string): JsonValue {
  const [, text = ''] = new RegExp('```json ' + name + '\\n([^`]+)```').exec(page) ?? [];
  return JSON.parse(text) as JsonValue;
}

/** Rows of tables: the last two cells are code, an expression and its value. */
const rows = page.split('\n').flatMap((line) => {
  const cells = line.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim());
  const [expression, value] = cells.slice(-2).map((cell) => /^`(.*)`$/.exec(cell)?.[1]);
  return cells.length >= 3 && expression && value ? [{ first: cells[0] ?? '', expression, value }] : [];
});
const functionRows = rows.filter(({ first }) => /^`[A-Za-z]+`$/.test(first));

const now = Date.UTC(2026, 2, 18, 15, 30);
const profile = block('profile') as JsonObject;
const events = (block('events') as (JsonObject & { _id: string; timestamp: string })[]).map((body) => ({
  time: Date.parse(body.timestamp),
  eventId: body._id,
  datasetId: 'dataset',
  body,
}));

describe('the page about PQL', () => {
  it('has an example of every function, and of no other', () => {
    const named = functionRows.map(({ first }) => first.replaceAll('`', ''));
    expect(named.toSorted()).toEqual([...functions.keys()].toSorted());
    for (const { first, expression } of functionRows) expect(expression).toContain(`${first.replaceAll('`', '')}(`);
  });

  it.each(rows)('is right about $expression', ({ expression, value }) => {
    expect(new PqlProgram(expression).evaluate(events, { now, profile })).toEqual(JSON.parse(value));
  });
});
