import fc from 'fast-check';
import { isDeeperThan } from './depth.js';
import { faultsOf } from './faults.js';
import { parseQuery, readParameters } from './query.js';
import { compileSchema } from './validator.js';

/** Slow and obviously right. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('depth of a value', () => {
  it('is told as a recursion tells it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 6 }), (value, limit) => {
        expect(isDeeperThan(value, limit)).toBe(depthOf(value) > limit);
      }),
    );
  });
});

describe('query string', () => {
  it('gives back every parameter as it was sent, whatever its name', () => {
    const parameters = fc.dictionary(fc.string({ minLength: 1 }), fc.string());
    fc.assert(
      fc.property(parameters, (sent) => {
        const text = new URLSearchParams(Object.entries(sent)).toString();
        const wellFormed = Object.entries(sent).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]);
        expect(Object.entries(parseQuery(text))).toEqual(expect.arrayContaining(wellFormed));
      }),
    );
  });

  it('counts repeated equal parameters once and keeps different ones apart', () => {
    expect({ ...parseQuery('a=1&a=1&b=1&b=2&b=1') }).toEqual({ a: '1', b: ['1', '2'] });
  });

  it('gives a parameter the type of its schema only where it is such a value', () => {
    const read = (text: string, type: string) => {
      const query: Record<string, unknown> = { value: text };
      readParameters(query, { value: { type } });
      return query['value'];
    };
    expect(read('-12', 'integer')).toBe(-12);
    expect(read('1.5', 'integer')).toBe('1.5');
    expect(read('9007199254740993', 'integer')).toBe('9007199254740993');
    expect(read('1.5', 'number')).toBe(1.5);
    expect(read('1e3', 'number')).toBe('1e3');
    expect(read('False', 'boolean')).toBe(false);
    expect(read('0', 'boolean')).toBe('0');
    expect(read('a', 'array')).toEqual(['a']);
    expect(read('12', 'string')).toBe('12');
  });
});

describe('faults', () => {
  it('are told with a bound, however many there are', () => {
    const validate = compileSchema({ type: 'array', items: { type: 'string' } });
    expect(validate(new Array(5_000).fill(1))).toBe(false);
    expect(faultsOf(validate.errors ?? [])).toHaveLength(100);
  });

  describe('of a choice of schemas', () => {
    const told = (schema: object, value: unknown) => {
      const validate = compileSchema({ ...schema });
      expect(validate(value)).toBe(false);
      return faultsOf(validate.errors ?? []).map(({ path, message }) => `${path} ${message}`.trim());
    };
    const textOrObject = {
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'object', required: ['id', 'ns'], properties: { id: { type: 'string' }, ns: { type: 'string' } } },
      ],
    };
    const shape = (kind: string, field: string) => ({
      type: 'object',
      required: ['kind', field],
      properties: { kind: { const: kind }, [field]: textOrObject },
    });

    it('are those of the branch that has the type of the value, however many they are', () => {
      expect(told(textOrObject, {})).toEqual(['/id is required', '/ns is required']);
      expect(told(textOrObject, '')).toEqual(['must not be empty']);
    });

    it('are those of the branch whose tag the value bears, also of choices within it', () => {
      const shapes = { oneOf: [shape('a', 'x'), shape('b', 'y'), { type: 'null' }] };
      expect(told(shapes, { kind: 'a' })).toEqual(['/x is required']);
      expect(told(shapes, { kind: 'b', y: { id: 'i' } })).toEqual(['/y/ns is required']);
    });

    it('is one where no branch is meant more than another', () => {
      expect(told(textOrObject, 7)).toEqual(['fits none of the forms that are allowed here']);
      expect(told({ oneOf: [{ type: 'object' }, { type: 'object' }] }, {})).toEqual([
        'fits more than one of the forms that are allowed here',
      ]);
    });

    it('are found at once in a list of very many', () => {
      const validate = compileSchema({ type: 'array', items: textOrObject });
      expect(validate(new Array(200_000).fill({}))).toBe(false);
      expect(faultsOf(validate.errors ?? [])).toHaveLength(100);
      const within = compileSchema({ anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] });
      expect(within(new Array(200_000).fill(1))).toBe(false);
      expect(faultsOf(within.errors ?? [])).toHaveLength(100);
    });

    it('are told apart by the item of a list they are about', () => {
      const validate = { type: 'array', items: textOrObject };
      expect(told(validate, [{ id: 'i' }, 'fine', '', 7])).toEqual([
        '/0/ns is required',
        '/2 must not be empty',
        '/3 fits none of the forms that are allowed here',
      ]);
    });
  });
});
