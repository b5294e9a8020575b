import type { JsonObject } from '@tessera/contracts';
import { typeConflicts } from './type-conflicts.js';

const fields = (properties: JsonObject): JsonObject => ({ type: 'object', properties });

describe('two schemas of a union', () => {
  it('conflict where they give one field different types, at whatever depth', () => {
    const one = fields({
      tier: { type: 'string' },
      card: fields({ points: { type: 'integer' }, 'a/b': { type: 'boolean' } }),
      orders: { type: 'array', items: fields({ total: { type: 'number' } }) },
      visits: { type: 'object', additionalProperties: { type: 'integer' } },
    });
    const other = fields({
      tier: { type: 'integer' },
      card: fields({ points: { type: 'number' }, 'a/b': { type: ['string', 'integer'] } }),
      orders: { type: 'array', items: fields({ total: { type: 'string' } }) },
      visits: { type: 'object', additionalProperties: { type: 'string' } },
    });
    expect(typeConflicts(one, other)).toEqual([
      { path: '/properties/tier', type: 'string', otherType: 'integer' },
      { path: '/properties/card/properties/points', type: 'integer', otherType: 'number' },
      { path: '/properties/card/properties/a~1b', type: 'boolean', otherType: 'integer or string' },
      { path: '/properties/orders/items/properties/total', type: 'number', otherType: 'string' },
      { path: '/properties/visits/additionalProperties', type: 'integer', otherType: 'string' },
    ]);
  });

  it('conflict where one has fields, or items, in what is something else to the other', () => {
    const other = fields({ a: { type: 'string' }, b: { type: 'string' } });
    expect(typeConflicts(fields({ a: { properties: {} }, b: { items: {} } }), other)).toMatchObject([
      { path: '/properties/a', type: 'object' },
      { path: '/properties/b', type: 'array' },
    ]);
  });

  it('agree in what only one of them knows or gives a type, and in whether a field may be null', () => {
    const one = fields({ a: { type: ['string', 'null'] }, b: {}, c: { type: 'string' }, d: true, f: { type: 'null' } });
    const other = fields({
      a: { type: 'string' },
      b: { type: 'string' },
      d: { type: 'string' },
      e: {},
      f: { items: {} },
    });
    expect(typeConflicts(one, other)).toEqual([]);
    expect(typeConflicts(other, one)).toEqual([]);
  });
});
