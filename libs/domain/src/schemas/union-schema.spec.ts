import type { JsonObject } from '@tessera/contracts';
import { schemaClassOf } from './schema-class.js';
import { resolvedSchema, unionSchema } from './union-schema.js';

const PROFILE = 'https://ns.adobe.com/xdm/context/profile';
const loyalty: JsonObject = {
  $id: 'https://ns.tessera.dev/t/schemas/1',
  title: 'Loyalty',
  'meta:class': PROFILE,
  allOf: [{ $ref: PROFILE }, { $ref: '#/definitions/own' }],
  definitions: {
    own: {
      required: ['loyalty'],
      properties: { loyalty: { type: 'object', properties: { tier: { type: 'string', title: 'Tier' } } } },
    },
  },
};
const points: JsonObject = {
  $id: 'https://ns.tessera.dev/t/schemas/2',
  title: 'Points',
  'meta:class': PROFILE,
  properties: {
    loyalty: { type: 'object', properties: { points: { type: 'integer' }, tier: { type: 'string', title: 'Other' } } },
    friend: { $ref: '#' },
  },
};
const plain = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
const profileClass = schemaClassOf('_xdm.context.profile');
if (profileClass === undefined) throw new Error('the class of profiles exists');

describe('a resolved schema', () => {
  it('has the fields that its references stand for, and no reference', () => {
    const resolved = plain(resolvedSchema(loyalty, () => undefined));
    expect(resolved).toMatchObject({
      $id: loyalty['$id'],
      title: 'Loyalty',
      required: ['loyalty'],
      properties: { loyalty: { properties: { tier: { title: 'Tier' } } }, person: { type: 'object' } },
    });
    expect(JSON.stringify(resolved)).not.toMatch(/\$ref|allOf|definitions/);
  });

  it('ends where a field contains itself', () => {
    expect(plain(resolvedSchema(points, () => undefined))).toMatchObject({
      properties: { friend: { type: 'object', title: 'Points' } },
    });
  });
});

describe('the union of a class', () => {
  it('has the fields of the class and of every schema, the first of them telling what a shared field is', () => {
    const union = plain(unionSchema(profileClass, [loyalty, points], () => undefined));
    expect(union).toMatchObject({
      $id: `${PROFILE}__union`,
      'meta:altId': '_xdm.context.profile__union',
      'meta:class': PROFILE,
      type: 'object',
      properties: {
        identityMap: { type: 'object' },
        personalEmail: { properties: { address: { type: 'string' } } },
        loyalty: { properties: { tier: { title: 'Tier' }, points: { type: 'integer' } } },
      },
    });
    expect(union).not.toHaveProperty('required');
  });

  it('leaves the schemas it is made of as they are', () => {
    const before = JSON.stringify([loyalty, points]);
    unionSchema(profileClass, [loyalty, points], () => undefined);
    expect(JSON.stringify([loyalty, points])).toBe(before);
    const again = plain(unionSchema(profileClass, [], () => undefined));
    expect(again['properties']).not.toHaveProperty('loyalty');
  });
});
