import type { JsonObject } from '@tessera/contracts';
import { rowErrorLines } from './row-errors.js';

describe('the lines of bad rows', () => {
  const bad = { row: 3, reason: 'too-deep' as const, faults: [{ path: '/a', message: 'is wrong' }] };
  const notes = { _errors: [{ code: 'too-deep', path: '/a', message: 'is wrong' }], _file: 'f.json', _row: 3 };
  const lines = (record: JsonObject) => JSON.parse(rowErrorLines('f.json', [{ ...bad, record }])) as JsonObject;

  it('are the rows as given, whatever their keys, with what is wrong and where they stand', () => {
    const record = JSON.parse('{"__proto__":{"x":1}}') as JsonObject;
    expect(lines(record)).toMatchObject(notes);
    expect(Object.entries(lines(record))[0]).toEqual(['__proto__', { x: 1 }]);
  });

  it('say what is wrong with a row that nests too deep to be written', () => {
    expect(lines({ a: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as JsonObject })).toEqual(notes);
  });
});
