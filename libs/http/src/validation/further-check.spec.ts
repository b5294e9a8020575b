import type { Fault } from '@tessera/contracts';
import { faultsOf } from './faults.js';
import { furtherCheck } from './further-check.js';
import { compileSchema, type JsonSchema } from './validator.js';

const even = furtherCheck('even', (value) =>
  typeof value === 'number' && value % 2 !== 0 ? [{ path: '', message: 'must be even' }] : [],
);
const sorted = furtherCheck('sorted', (value) => {
  const items = Array.isArray(value) ? value : [];
  return items.flatMap((item, index): Fault[] =>
    index > 0 && Number(item) < Number(items[index - 1]) ? [{ path: `/${index}`, message: 'is too small here' }] : [],
  );
});

function told(schema: JsonSchema, value: unknown): string[] {
  const validate = compileSchema(schema);
  return validate(value) ? [] : faultsOf(validate.errors ?? []).map(({ path, message }) => `${path} ${message}`);
}

describe('further checks of a schema', () => {
  const body = {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string' },
      'a/b': { type: 'object', properties: { count: { type: 'integer', minimum: 10, ...even } } },
      list: { type: 'array', items: { type: 'integer', ...even }, ...sorted },
    },
  };

  it('let pass what has no fault', () => {
    expect(told(body, { name: 'n', 'a/b': { count: 12 }, list: [2, 4] })).toEqual([]);
  });

  it('are told together with all else that is wrong, each with its place', () => {
    expect(told(body, { name: 1, 'a/b': { count: 13 }, list: [4, 2, 'x', 5] }).sort()).toEqual([
      '/a~1b/count must be even',
      '/list/1 is too small here',
      '/list/2 must be of type integer',
      '/list/3 must be even',
      '/name must be of type string',
    ]);
  });

  it('have nothing to add about a place that the schema refuses already', () => {
    expect(told(body, { name: 'n', 'a/b': { count: 7 } })).toEqual(['/a~1b/count must be >= 10']);
  });

  it('belong to their branch of a choice', () => {
    const choice = { anyOf: [{ type: 'integer', ...even }, { type: 'string' }] };
    expect(told(choice, 3)).toEqual([' must be even']);
    expect(told(choice, 'x')).toEqual([]);
  });

  it('are known by their names only, each of which is taken once', () => {
    expect(even).toEqual({ 'x-check': 'even' });
    expect(() => furtherCheck('even', () => [])).toThrow('even');
    expect(() => compileSchema({ 'x-check': 'none' })).toThrow('none');
  });
});
