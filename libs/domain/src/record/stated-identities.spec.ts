import { xidOf } from '../identity/xid.js';
import { speaksOf, statedXids } from './stated-identities.js';

const tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
const ada = xidOf(tenant, 'email', 'ada@example.com');
const about = (record: string) =>
  speaksOf(tenant, Buffer.from(record), new Set([ada]), new Set(['ada@example.com', 'a "quoted" one']));

describe('a record that could not be applied', () => {
  it('states identities wherever something looks like one, whatever else is wrong', () => {
    const map = { Email: [{ id: 'ada@example.com' }, { id: 7 }, null, { id: '' }], Phone: 'no list', ECID: [] };
    expect(statedXids(tenant, map)).toEqual([ada]);
    for (const wrong of [undefined, null, 'text', 7, []]) expect(statedXids(tenant, wrong)).toEqual([]);
  });

  it.each([
    [
      'an identity of its map, in any case of its namespace',
      '{"body":{"identityMap":{"EMAIL":[{"id":"ada@example.com"}]}}}',
    ],
    ['a value as a whole text, at any depth', '{"a":[{"b":["x","ada@example.com"]}]}'],
    ['a value in quotes where it is no JSON', '{"a":"ada@example.com",'],
    ['a value that JSON escapes where it is no JSON', String.raw`{"a":"a \"quoted\" one",`],
  ])('speaks of somebody by %s', (_, record) => {
    expect(about(record)).toBe(true);
  });

  it.each([
    ['a part of a text', '{"a":"to ada@example.com and others"}'],
    ['the name of a field', '{"ada@example.com":1}'],
    ['a part of what is no JSON', 'ada@example.com'],
    ['nothing', 'null'],
  ])('does not speak of anybody by %s', (_, record) => {
    expect(about(record)).toBe(false);
  });
});
