import fc from 'fast-check';
import type { JsonObject } from '@tessera/contracts';
import { builtInNamespaces } from '../identity/namespace.js';
import { xidOf } from '../identity/xid.js';
import { defaultRecordLimits } from './clean.js';
import { readRecord, type RecordContext } from './read-record.js';

const tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
const custom = [
  { id: 100, code: 'CRMID', name: 'CRM', description: '', idType: 'CROSS_DEVICE' as const, custom: true },
  { id: 101, code: 'Shop', name: 'Shop', description: '', idType: 'NON_PEOPLE' as const, custom: true },
];
const namespaces = new Map(
  [...builtInNamespaces, ...custom].map((namespace) => [namespace.code.toLowerCase(), namespace]),
);
const context: RecordContext = {
  tenant,
  behavior: 'record',
  operation: 'create',
  acceptedAt: 1_700_000_000_000,
  namespaces: (code) => namespaces.get(code),
  limits: defaultRecordLimits,
  computedRoot: '_tessera',
};
const events: RecordContext = { ...context, behavior: 'time-series' };
const ada = { identityMap: { Email: [{ id: 'ada@example.com', primary: true }] } };
const visit = { ...ada, _id: 'e1', timestamp: '2026-01-02T03:04:05Z' };

/** JSON text in, so that keys such as `__proto__` are as a client sends them. */
function read(record: JsonObject | string, where: RecordContext = context) {
  return readRecord((typeof record === 'string' ? JSON.parse(record) : record) as JsonObject, where);
}

function readable(record: JsonObject | string, where: RecordContext = context) {
  const result = read(record, where);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result;
}

describe('the identities of a record', () => {
  it('are found without regard to the case of their namespace, the primary one first', () => {
    const { identities } = readable({
      identityMap: { CRMid: [{ id: '7' }], eMail: [{ id: 'ada@example.com', primary: true }] },
    });
    expect(identities).toEqual([
      { xid: xidOf(tenant, 'EMAIL', 'ada@example.com'), namespace: 'email', id: 'ada@example.com' },
      { xid: xidOf(tenant, 'crmid', '7'), namespace: 'crmid', id: '7' },
    ]);
  });

  it.each([
    ['blank', { Email: [{ id: '   ' }] }],
    ['blank', { Email: [{ id: '' }] }],
    ['blank', { Email: [{ id: null }] }],
    ['placeholder', { Email: [{ id: 'null' }] }],
    ['placeholder', { Email: [{ id: 'anonymous' }] }],
    ['placeholder', { Email: [{ id: 'invalid' }] }],
    ['too-long', { Email: [{ id: 'x'.repeat(1_025) }] }],
    ['malformed-ecid', { ECID: [{ id: '123' }] }],
    ['no-person', { Shop: [{ id: 'Berlin' }] }],
    ['unknown-namespace', { Loyalty: [{ id: '7' }] }],
  ])('leave out what is %s', (reason, more) => {
    const { identities, ignored, body } = readable({ identityMap: { CRMID: [{ id: '7', primary: true }], ...more } });
    expect(identities.map(({ namespace }) => namespace)).toEqual(['crmid']);
    expect(ignored).toEqual([reason]);
    expect(JSON.stringify(body['identityMap'])).toBe('{"crmid":[{"id":"7","primary":true}]}');
  });

  it('may be twenty, not more', () => {
    const some = (count: number) => ({
      identityMap: { CRMID: Array.from({ length: count }, (_, index) => ({ id: `${index}`, primary: index === 0 })) },
    });
    expect(readable(some(20)).identities).toHaveLength(20);
    expect(read(some(21))).toMatchObject({ ok: false, reason: 'too-many-identities' });
  });

  it('must have one that is marked primary', () => {
    expect(read({ identityMap: { Email: [{ id: 'ada@example.com' }] } })).toMatchObject({
      ok: false,
      reason: 'no-usable-identity',
      faults: [{ path: '/body/xdmEntity/identityMap', message: expect.stringContaining('"primary": true') as string }],
    });
  });

  it('must not have two that are marked primary', () => {
    const two = { Email: [{ id: 'a', primary: true }], CRMID: [{ id: '7', primary: true }] };
    expect(read({ identityMap: two })).toMatchObject({ ok: false, reason: 'two-primary-identities' });
  });

  it('are refused with everything that is wrong with them', () => {
    const [first, second] = ['a', 'b'].map((id) => ({ id, primary: true }));
    const path = '/body/xdmEntity/identityMap';
    const identityMap = { Email: [{ id: 5 }, first, 'x', { id: '\ud800' }], Phone: 7, CRMID: [second] };
    expect(read({ identityMap } as JsonObject)).toMatchObject({
      reason: 'schema-mismatch',
      faults: [
        ...[{ path: `${path}/Email/0/id` }, { path: `${path}/Email/2` }],
        { path: `${path}/Email/3/id`, message: expect.stringContaining('well-formed') as string },
        { path: `${path}/Phone` },
        { path, message: expect.stringContaining('only one identity may be primary') as string },
      ],
    });
  });

  it('may mark the same identity primary twice', () => {
    const twice = { Email: [{ id: 'a', primary: true }], email: [{ id: 'a', primary: true }] };
    expect(readable({ identityMap: twice }).identities).toHaveLength(1);
  });

  it('of an event fall back on the strongest namespace, whatever the order of keys', () => {
    const ecid = '1'.repeat(38);
    const maps = [
      { ECID: [{ id: ecid }], IDFA: [{ id: 'd' }], Email: [{ id: 'a' }] },
      { Email: [{ id: 'a' }], ECID: [{ id: ecid }], IDFA: [{ id: 'd' }] },
    ];
    for (const identityMap of maps) {
      expect(readable({ ...visit, identityMap }, events).identities[0].namespace).toBe('email');
    }
  });

  it.each([
    [{ identityMap: 'x' }, '/body/xdmEntity/identityMap'],
    [{ identityMap: { Email: 'x' } }, '/body/xdmEntity/identityMap/Email'],
    [{ identityMap: { Email: ['x'] } }, '/body/xdmEntity/identityMap/Email/0'],
    [{ identityMap: { Email: [{ id: 7 }] } }, '/body/xdmEntity/identityMap/Email/0/id'],
  ])('of the wrong form %j are a fault with its place', (record, path) => {
    expect(read(record)).toMatchObject({ ok: false, reason: 'schema-mismatch', faults: [{ path }] });
  });
});

describe('the age of a record', () => {
  it('is its own date of last update', () => {
    const audit = { extSourceSystemAudit: { lastUpdatedDate: '2026-01-02T03:04:05+01:00' } };
    expect(readable({ ...ada, ...audit }).age).toBe(Date.parse('2026-01-02T02:04:05Z'));
  });

  it('is its acceptance where it has none', () => {
    expect(readable(ada).age).toBe(context.acceptedAt);
  });

  it('must be a date', () => {
    expect(read({ ...ada, extSourceSystemAudit: { lastUpdatedDate: 'yesterday' } })).toMatchObject({
      reason: 'invalid-age',
    });
  });
});

describe('an event', () => {
  it('has an id, a time and identities', () => {
    expect(readable(visit, events)).toMatchObject({ eventId: 'e1', age: Date.parse('2026-01-02T03:04:05Z') });
  });

  it.each([
    ['missing-event-id', { _id: '' }],
    ['missing-event-id', { _id: 7 }],
    ['schema-mismatch', { _id: 'half a pair: \ud800' }],
    ['invalid-timestamp', { timestamp: '2026-02-30T00:00:00Z' }],
    ['invalid-timestamp', { timestamp: 1_700_000_000_000 }],
    ['no-usable-identity', { identityMap: {} }],
  ])('is refused as %s for %j', (reason, change) => {
    expect(read({ ...visit, ...change }, events)).toMatchObject({ ok: false, reason });
  });

  it('cannot be deleted by a record', () => {
    expect(read(visit, { ...events, operation: 'delete' })).toMatchObject({ reason: 'unsupported-operation' });
  });
});

describe('what a record states', () => {
  it('leaves out null, empty texts, empty arrays and empty objects, at any depth', () => {
    const record = { ...ada, a: null, b: '', c: [], d: {}, e: { f: { g: null } }, h: 0, i: false, j: [null, ''] };
    expect(JSON.parse(JSON.stringify(readable(record).body))).toEqual({
      identityMap: { email: ada.identityMap.Email },
      h: 0,
      i: false,
      j: [null, ''],
    });
  });

  it('of a merge keeps null, empty texts and empty arrays, but nothing empty that would change nothing', () => {
    const record = {
      ...ada,
      a: null,
      b: '',
      c: [],
      d: {},
      e: { f: { g: null }, h: {} },
      i: [{ j: null, k: '', l: [] }],
    };
    expect(JSON.parse(JSON.stringify(readable(record, { ...context, operation: 'merge' }).body))).toEqual({
      identityMap: { email: ada.identityMap.Email },
      a: null,
      b: '',
      c: [],
      e: { f: { g: null } },
      i: [{ k: '', l: [] }],
    });
  });

  it('of a merge names the namespaces to clear, besides the identities it is about', () => {
    const identityMap = { ...ada.identityMap, EMAIL: null, Phone: null, CRMID: [] };
    const { identities, body } = readable({ identityMap }, { ...context, operation: 'merge' });
    expect(identities).toHaveLength(1);
    expect({ ...(body['identityMap'] as JsonObject) }).toEqual({ email: ada.identityMap.Email, phone: null });
  });

  it('of a merge may clear the date of last update, and then is as old as its acceptance', () => {
    for (const lastUpdatedDate of [null, '']) {
      const record = { ...ada, extSourceSystemAudit: { lastUpdatedDate } };
      expect(readable(record, { ...context, operation: 'merge' }).age).toBe(context.acceptedAt);
    }
  });

  it('keeps keys that mean something to programs as the data they are', () => {
    const hostile = '{"__proto__":{"x":1},"constructor":"c","$where":"1","a.b":{"$set":2}}';
    const text = `{"identityMap":{"Email":[{"id":"a","primary":true}]},${hostile.slice(1)}`;
    const body = JSON.stringify(readable(text).body);
    for (const part of ['"__proto__":{"x":1}', '"constructor":"c"', '"$where":"1"', '"a.b":{"$set":2}']) {
      expect(body).toContain(part);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([
    ['unsafe-integer', '"n":9007199254740993', '/body/xdmEntity/n'],
    ['unsafe-integer', '"a":{"b":[1,-9007199254740993]}', '/body/xdmEntity/a/b/1'],
    ['unsafe-integer', '"n":1e400', '/body/xdmEntity/n'],
  ])('is refused as %s for %s, with its place', (reason, member, path) => {
    expect(read(`${JSON.stringify(ada).slice(0, -1)},${member}}`)).toMatchObject({
      ok: false,
      reason,
      faults: [{ path }],
    });
  });

  it('may nest 32 levels deep, not more', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}1${'}'.repeat(levels - 1)}`;
    expect(read(`{"x":${nested(32)}}`)).toMatchObject({ reason: 'no-usable-identity' });
    expect(read(`{"x":${nested(33)}}`)).toMatchObject({ reason: 'too-deep' });
    expect(read(`{"x":${'['.repeat(40)}${']'.repeat(40)}}`)).toMatchObject({ reason: 'too-deep' });
  });

  it('may have 5,000 keys, not more', () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
    expect(read(keys(5_000))).toMatchObject({ reason: 'no-usable-identity' });
    expect(read(keys(5_001))).toMatchObject({ reason: 'too-many-keys' });
  });

  it('is refused with all that is wrong with it, for the reason that comes first', () => {
    const result = read('{"identityMap":{"Email":[{"id":""}]},"n":9007199254740993,"timestamp":"yesterday"}', events);
    expect(result).toMatchObject({
      ok: false,
      reason: 'unsafe-integer',
      faults: ['n', 'identityMap', '_id', 'timestamp'].map((name) => ({ path: `/body/xdmEntity/${name}` })),
    });
    const merged = read({ ...ada, timestamp: 'yesterday' }, { ...events, operation: 'merge' });
    expect(merged).toMatchObject({
      reason: 'unsupported-operation',
      faults: [
        { path: '/header/operations/data' },
        { path: '/body/xdmEntity/_id' },
        { path: '/body/xdmEntity/timestamp' },
      ],
    });
  });

  it('never throws and never changes what it was given, whatever it is', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const record = { ...ada, extra: JSON.parse(text) as JsonObject };
        const before = JSON.stringify(record);
        read(record);
        expect(JSON.stringify(record)).toBe(before);
      }),
    );
  });
});

describe('computed attributes in a record', () => {
  const old = { ComputedAttributes: { orders: { value: 3 } } };

  it.each([
    ['alone in the tenant’s field', old, undefined],
    ['beside fields of the tenant', { ...old, tier: 'gold' }, { tier: 'gold' }],
  ])('are left out, being figures of events: %s', (_where, given, kept) => {
    expect(readable({ ...ada, _tessera: given }).body['_tessera']).toEqual(kept);
  });

  it('are left out of a partial one too, also when it clears them', () => {
    const merge = { ...context, operation: 'merge' } as const;
    const { body } = readable({ ...ada, _tessera: { ComputedAttributes: null, tier: null } }, merge);
    expect(body['_tessera']).toEqual({ tier: null });
  });

  it('are any other field where the tenant has another name, and in events', () => {
    const { body } = readable({ ...ada, _tessera: old }, { ...context, computedRoot: '_acme' });
    expect(body['_tessera']).toEqual(old);
    expect(readable({ ...visit, _tessera: old }, events).body['_tessera']).toEqual(old);
  });
});
