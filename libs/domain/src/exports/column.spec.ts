import type { JsonObject } from '@tessera/contracts';
import { parseSelector } from '../selector/parse-selector.js';
import { columnsOf } from './column.js';

const integer = { type: 'integer' };
const place = { type: 'object', properties: { city: { type: 'string' }, zip: integer } };
const schema: JsonObject = {
  type: 'object',
  properties: {
    points: { type: 'object', additionalProperties: integer },
    places: { type: 'object', additionalProperties: place },
    visits: { type: 'array', items: { type: 'object', additionalProperties: integer } },
    mixed: { type: 'object', properties: { named: { type: 'string' } }, additionalProperties: integer },
    loose: { type: 'object', additionalProperties: {} },
  },
};

const selected = (fields: string) => Object.fromEntries(columnsOf(schema, parseSelector(fields)));
const mapOf = (value: unknown) => ({ kind: 'map', value });
const structOf = (fields: object) => ({ kind: 'object', fields: new Map(Object.entries(fields)) });

describe('columns of maps, whose keys nobody knows beforehand', () => {
  it('keep their type when only some of their keys are wanted', () => {
    const points = mapOf({ kind: 'integer' });
    expect(selected('points')).toEqual({ points });
    expect(selected('points.one')).toEqual({ points });
    expect(selected('points(one,two)')).toEqual({ points });
    expect(selected('visits.one')).toEqual({ visits: { kind: 'list', item: points } });
  });

  it('have the fields that are wanted of any of their keys', () => {
    const city = { kind: 'text' };
    const zip = { kind: 'integer' };
    expect(selected('places.home.city')).toEqual({ places: mapOf(structOf({ city })) });
    expect(selected('places(home.city,work.zip)')).toEqual({ places: mapOf(structOf({ city, zip })) });
    expect(selected('places(home.city,work)')).toEqual({ places: mapOf(structOf({ city, zip })) });
  });

  it('have none where what is wanted of them leads nowhere, or can be anything', () => {
    expect(selected('points.one.more')).toEqual({});
    expect(selected('places.home.country')).toEqual({});
    expect(selected('loose.one')).toEqual({});
  });

  it('are objects as far as fields with names are wanted', () => {
    expect(selected('mixed(named,other)')).toEqual({ mixed: structOf({ named: { kind: 'text' } }) });
    expect(selected('mixed.other')).toEqual({ mixed: mapOf({ kind: 'integer' }) });
    expect(selected('mixed.named.below')).toEqual({});
  });
});
