import type { JsonObject } from '@tessera/contracts';
import { builtInNamespaces } from '../identity/namespace.js';
import { xidOf } from '../identity/xid.js';
import { RecordSchema } from '../schemas/record-schema.js';
import { defaultRecordLimits } from './clean.js';
import { readRecord, type RecordContext } from './read-record.js';

const tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
const namespaces = new Map(builtInNamespaces.map((namespace) => [namespace.code.toLowerCase(), namespace]));
const email = { steps: ['personalEmail', 'address'], namespace: 'Email', isPrimary: true };
const phone = { steps: ['phone'], namespace: 'Phone', isPrimary: false };
const ecid = { steps: ['device'], namespace: 'ECID', isPrimary: false };
const schemaOf = (identityFields: RecordSchema['identityFields'], more: JsonObject = {}) =>
  new RecordSchema({
    id: 'https://ns.tessera.dev/t/schemas/1',
    document: { 'meta:class': 'https://ns.adobe.com/xdm/context/profile', ...more },
    lookup: () => undefined,
    identityFields,
  });
const context = (change: Partial<RecordContext> = {}): RecordContext => ({
  tenant,
  behavior: 'record',
  operation: 'create',
  acceptedAt: 1_700_000_000_000,
  namespaces: (code) => namespaces.get(code),
  limits: defaultRecordLimits,
  computedRoot: '_tessera',
  schema: schemaOf([email, phone, ecid]),
  ...change,
});
const ada = { personalEmail: { address: 'ada@example.com' } };
const shown = (record: JsonObject, where = context()) => {
  const read = readRecord(record, where);
  if (!read.ok) return read;
  const { identities, ignored, body } = read;
  return {
    primary: identities[0].id,
    ids: identities.map(({ id }) => id).sort(),
    ignored,
    map: JSON.parse(JSON.stringify(body['identityMap'])) as unknown,
  };
};

describe('identities in the fields of a record', () => {
  it('count as if identityMap had them, the primary field naming the primary one', () => {
    expect(shown({ ...ada, phone: '+4912345' })).toEqual({
      primary: 'ada@example.com',
      ids: ['+4912345', 'ada@example.com'],
      ignored: [],
      map: { email: [{ id: 'ada@example.com', primary: true }], phone: [{ id: '+4912345' }] },
    });
    const read = readRecord(ada, context());
    expect(read.ok && read.identities[0].xid).toBe(xidOf(tenant, 'email', 'ada@example.com'));
  });

  it('give way to the one that identityMap marks primary', () => {
    expect(
      shown({ ...ada, identityMap: { Phone: [{ id: '1', primary: true }], Email: [{ id: 'b@example.com' }] } }),
    ).toEqual({
      primary: '1',
      ids: ['1', 'ada@example.com', 'b@example.com'],
      ignored: [],
      map: { phone: [{ id: '1', primary: true }], email: [{ id: 'b@example.com' }, { id: 'ada@example.com' }] },
    });
  });

  it('are the same identity where identityMap has it too', () => {
    const identityMap = { EMAIL: [{ id: 'ada@example.com', authenticatedState: 'loggedOut' }] };
    expect(shown({ ...ada, identityMap })).toMatchObject({
      ids: ['ada@example.com'],
      map: { email: [{ id: 'ada@example.com', authenticatedState: 'loggedOut', primary: true }] },
    });
  });

  it.each([
    ['   ', 'blank'],
    ['anonymous', 'placeholder'],
    ['x'.repeat(1_025), 'too-long'],
  ])('are ignored where they are %j', (phoneNumber, reason) => {
    expect(shown({ ...ada, phone: phoneNumber })).toMatchObject({ ids: ['ada@example.com'], ignored: [reason] });
  });

  it('are ignored where they are no ECID, and absent where they are empty', () => {
    expect(shown({ ...ada, device: '123' })).toMatchObject({ ignored: ['malformed-ecid'] });
    expect(shown({ ...ada, device: '', phone: null })).toMatchObject({ ids: ['ada@example.com'], ignored: [] });
  });

  it('must be strings', () => {
    expect(readRecord({ ...ada, phone: 12 }, context())).toMatchObject({
      ok: false,
      reason: 'schema-mismatch',
      faults: [{ path: '/body/xdmEntity/phone' }],
    });
  });

  it('do not make a record of one without a primary identity', () => {
    expect(readRecord({ phone: '1' }, context())).toMatchObject({ ok: false, reason: 'no-usable-identity' });
    expect(readRecord({}, context())).toMatchObject({ ok: false, reason: 'no-usable-identity' });
  });

  it('of an event fall back on the strongest namespace', () => {
    const event = { _id: '1', timestamp: '2026-01-01T00:00:00Z', device: '1'.repeat(38), phone: '7' };
    expect(shown(event, context({ behavior: 'time-series' }))).toMatchObject({ primary: '7' });
  });

  it('name the record that a delete removes', () => {
    const strict = schemaOf([email], { required: ['name'] });
    expect(shown(ada, context({ operation: 'delete', schema: strict }))).toMatchObject({ primary: 'ada@example.com' });
  });
});

describe('a record that does not keep to its schema', () => {
  const schema = schemaOf([email], { required: ['name'], properties: { points: { type: 'integer' } } });

  it('is refused with every fault', () => {
    expect(readRecord({ ...ada, points: 'many' }, context({ schema }))).toMatchObject({
      ok: false,
      reason: 'schema-mismatch',
      faults: [{ path: '/body/xdmEntity/name' }, { path: '/body/xdmEntity/points' }],
    });
  });

  it('may leave out what it does not change, and clear what it does', () => {
    expect(readRecord({ ...ada, points: null }, context({ schema, operation: 'merge' }))).toMatchObject({ ok: true });
    expect(readRecord({ ...ada, points: 'x' }, context({ schema, operation: 'merge' }))).toMatchObject({ ok: false });
  });

  it('says nothing by what counts as absent', () => {
    expect(readRecord({ ...ada, name: 'Ada', points: null }, context({ schema }))).toMatchObject({ ok: true });
    expect(readRecord({ ...ada, name: '' }, context({ schema }))).toMatchObject({ reason: 'schema-mismatch' });
  });
});
