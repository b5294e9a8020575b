import type { JsonValue, Tenant } from '@tessera/contracts';
import { xid } from '../identity/identity.fixture.js';
import { startExplainApplication, type ExplainApplication } from './explain.fixture.js';

/** Real: MongoDB. */
const entities = '/data/core/ups/access/entities';
const schema = 'schema.name=_xdm.context.profile';
const ada = `${schema}&entityId=ada&entityIdNS=Email`;

interface Field {
  readonly path: string;
  readonly value: JsonValue;
  readonly rule: string;
  readonly winner: object;
  readonly beaten: readonly object[];
}
interface Explained {
  readonly entityId: string;
  readonly fields: readonly Field[];
  readonly fragments: { readonly merged: readonly object[]; readonly leftOut: readonly object[] };
  readonly identities: readonly { readonly xid: string; readonly chain?: readonly object[] }[];
}

let application: ExplainApplication;
let tenant: Tenant;
beforeAll(async () => {
  application = await startExplainApplication(5);
});
beforeEach(() => {
  tenant = application.newTenant();
});
afterAll(() => application.close());

const call = (query: string) => application.call<Record<string, Explained>>(tenant, `${entities}/explain?${query}`);
const explain = async (query: string): Promise<Explained> => {
  const answer = await call(query);
  expect(answer.status).toBe(200);
  return Object.values(answer.body)[0] as Explained;
};
const shown = (identity: string) => {
  const [namespace = '', id = ''] = identity.split(':');
  return { xid: xid(tenant, identity), id, namespace: { code: namespace } };
};

describe('an explanation of a profile', () => {
  beforeEach(async () => {
    await application.link(tenant, ['email:ada', 'phone:1'], { at: 1_000, datasetId: 'crm', batchId: 'B1' });
    await application.link(tenant, ['email:ada', 'phone:1'], { at: 3_000, datasetId: 'web' });
    await application.link(tenant, ['phone:1', 'ecid:x'], { at: 2_000, datasetId: 'web' });
    await application.record(tenant, 'email:ada', 'crm', 1_000, { person: { name: 'Ada' }, city: 'London' });
    await application.record(tenant, 'phone:1', 'web', 2_000, { person: { name: 'A.' } });
  });

  it('tells for each leaf the fragment it came from, what that beat, and by which rule', async () => {
    const { fields, fragments } = await explain(ada);
    const crm = { datasetId: 'crm', identity: shown('email:ada'), age: '1970-01-01T00:00:01Z' };
    const web = { datasetId: 'web', identity: shown('phone:1'), age: '1970-01-01T00:00:02Z' };
    const name = { path: 'person.name', pointer: '/person/name' };
    expect(fields).toEqual([
      { path: 'city', pointer: '/city', value: 'London', rule: 'only-source', winner: crm, beaten: [] },
      { ...name, value: 'A.', rule: 'newer', winner: web, beaten: [{ ...crm, ...name, value: 'Ada' }] },
    ]);
    expect(fragments).toEqual({ merged: [web, crm], leftOut: [] });
    const precedence = { attributeMerge: { type: 'dataSetPrecedence', order: ['crm', 'web'] } } as const;
    const ordered = await explain(`${ada}&mergePolicyId=${await application.policy(tenant, precedence)}`);
    expect(ordered.fields.at(-1)).toMatchObject({ value: 'Ada', rule: 'dataset-order', winner: crm });
    const onlyWeb = { attributeMerge: { type: 'dataSetPrecedence', order: ['web'] } } as const;
    const restricted = await explain(`${ada}&mergePolicyId=${await application.policy(tenant, onlyWeb)}`);
    expect(restricted.fragments).toEqual({ merged: [web], leftOut: [crm] });
  });

  it('tells for each identity the links that join it to the requested one, with their evidence', async () => {
    const { identities } = await explain(ada);
    const direct = {
      from: shown('email:ada'),
      to: shown('phone:1'),
      evidence: [
        { datasetId: 'web', first: '1970-01-01T00:00:03Z', last: '1970-01-01T00:00:03Z' },
        { datasetId: 'crm', batchId: 'B1', first: '1970-01-01T00:00:01Z', last: '1970-01-01T00:00:01Z' },
      ],
    };
    const device = {
      from: shown('phone:1'),
      to: shown('ecid:x'),
      evidence: [{ datasetId: 'web', first: '1970-01-01T00:00:02Z', last: '1970-01-01T00:00:02Z' }],
    };
    const expected = [
      { ...shown('email:ada'), chain: [] },
      { ...shown('phone:1'), chain: [direct] },
      { ...shown('ecid:x'), chain: [direct, device] },
    ];
    expect(identities).toEqual(expected.sort((one, other) => (one.xid < other.xid ? -1 : 1)));
  });

  it('has a leaf for exactly what the lookup shows, the same each time', async () => {
    const lookup = await application.call<Record<string, { entity: object }>>(
      tenant,
      `${entities}?${ada}&fields=person`,
    );
    expect(Object.values(lookup.body)[0]?.entity).toEqual({ person: { name: 'A.' } });
    const first = await call(`${ada}&fields=person`);
    expect(Object.values(first.body)[0]?.fields.map(({ path }) => path)).toEqual(['person.name']);
    expect((await call(`${ada}&fields=person`)).text).toBe(first.text);
    expect((await explain(`${ada}&fields=person.name.first`)).fields).toEqual([]);
  });

  it('is about the identity alone under a policy without a graph', async () => {
    const alone = await application.policy(tenant, { identityGraph: { type: 'none' } });
    const { fields, identities } = await explain(`${ada}&mergePolicyId=${alone}`);
    expect(fields.map(({ rule }) => rule)).toEqual(['only-source', 'only-source']);
    expect(identities).toEqual([{ ...shown('email:ada'), chain: [] }]);
  });

  it('shows two people again once the evidence that joined them is withdrawn', async () => {
    await application.link(tenant, ['email:bob', 'phone:2']);
    const before = await call(ada);
    await application.link(tenant, ['phone:1', 'phone:2'], { at: 9_000, datasetId: 'glue' });
    const glued = await explain(ada);
    expect(glued.identities).toHaveLength(5);
    expect(glued.identities.find((one) => one.xid === xid(tenant, 'email:bob'))?.chain).toMatchObject([
      { to: shown('phone:1') },
      { to: shown('phone:2'), evidence: [{ datasetId: 'glue' }] },
      { to: shown('email:bob') },
    ]);
    for await (const step of application.maintenance.removeEvidence(tenant, { datasetId: 'glue' }, 9)) {
      expect(step.changes).toHaveLength(2);
    }
    expect((await call(ada)).text).toBe(before.text);
  });
});

describe('an explanation', () => {
  it('is refused as the lookup is refused', async () => {
    expect((await call(ada)).status).toBe(404);
    expect((await call(schema)).status).toBe(400);
    expect((await call(`${schema}&entityId=short`)).status).toBe(400);
    expect((await call(`${ada}&mergePolicyId=nope`)).status).toBe(404);
    expect((await call(`${ada}&fields=a(`)).status).toBe(400);
    expect((await call('schema.name=_xdm.context.experienceevent&entityId=ada&entityIdNS=Email')).status).toBe(400);
    await application.link(tenant, ['email:ada', 'phone:1', 'phone:2', 'phone:3', 'phone:4', 'phone:5']);
    expect((await call(ada)).status).toBe(422);
    const write = { scopes: ['profile.write'] } as const;
    expect((await application.call(tenant, `${entities}/explain?${ada}`, write)).status).toBe(403);
  });
});
