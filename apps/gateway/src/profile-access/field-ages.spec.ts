import type { JsonObject, Tenant } from '@tessera/contracts';
import { startExplainApplication, type ExplainApplication } from './explain.fixture.js';

/** Real: MongoDB. */
const entities = '/data/core/ups/access/entities';
const ada = 'schema.name=_xdm.context.profile&entityId=ada&entityIdNS=Email';

interface Profile {
  readonly entity: JsonObject;
  readonly lastModifiedAt: string;
}
interface Explained {
  readonly fields: readonly {
    readonly path: string;
    readonly rule: string;
    readonly winner: { readonly age: string };
  }[];
}

let application: ExplainApplication;
let tenant: Tenant;
beforeAll(async () => {
  application = await startExplainApplication(5);
});
beforeEach(async () => {
  tenant = application.newTenant();
  await application.link(tenant, ['email:ada', 'phone:1']);
  await application.record(tenant, 'email:ada', 'crm', 1_000, {
    city: 'Paris',
    person: { first: 'Ada', last: 'King' },
  });
  await application.record(tenant, 'phone:1', 'web', 2_000, { city: 'Rome', person: { first: 'A.', last: 'B.' } });
  await application.partialRecord(tenant, 'email:ada', 'crm', 3_000, { person: { last: 'Lovelace' }, note: '' });
  await application.partialRecord(tenant, 'email:ada', 'crm', 1_500, { city: 'Oslo', person: { last: 'late' } });
});
afterAll(() => application.close());

const profileOf = (answer: { readonly body: Record<string, Profile> }) => Object.values(answer.body)[0] as Profile;
const merged = { city: 'Rome', person: { first: 'A.', last: 'Lovelace' }, note: '' };

describe('a fragment of partial records', () => {
  it('has a rank for each field, by the record that last set it', async () => {
    const one = await application.call<Record<string, Profile>>(tenant, `${entities}?${ada}`);
    expect(profileOf(one).entity).toMatchObject(merged);
    expect(profileOf(one).lastModifiedAt).toBe('1970-01-01T00:00:03Z');
    const body = {
      schema: { name: '_xdm.context.profile' },
      identities: [{ entityId: 'ada', entityIdNS: { code: 'Email' } }],
    };
    const many = await application.call<Record<string, Profile>>(tenant, entities, { method: 'POST', body });
    expect(profileOf(many).entity).toEqual(profileOf(one).entity);
  });

  it('has every age explained', async () => {
    const answer = await application.call<Record<string, Explained>>(tenant, `${entities}/explain?${ada}`);
    const { fields } = Object.values(answer.body)[0] as Explained;
    const shown = fields.map(({ path, rule, winner }) => [path, rule, winner.age]);
    expect(shown).toEqual([
      ['city', 'newer', '1970-01-01T00:00:02Z'],
      ['note', 'only-source', '1970-01-01T00:00:03Z'],
      ['person.first', 'newer', '1970-01-01T00:00:02Z'],
      ['person.last', 'newer', '1970-01-01T00:00:03Z'],
    ]);
    expect(fields[0]).toMatchObject({ beaten: [{ value: 'Oslo', age: '1970-01-01T00:00:01.500Z' }] });
  });

  it('is merged alike in a preview', async () => {
    const policy = {
      name: 'By age',
      schema: { name: '_xdm.context.profile' },
      identityGraph: { type: 'pdg' },
      attributeMerge: { type: 'timestampOrdered' },
    };
    const { body } = await application.call<{ results: Record<string, { profile: Profile }> }>(
      tenant,
      '/data/core/ups/config/mergePolicies/preview',
      { method: 'POST', body: { policy, identities: [{ entityId: 'ada', entityIdNS: { code: 'Email' } }] } },
    );
    expect(Object.values(body.results)[0]?.profile.entity).toMatchObject(merged);
  });

  it('of which every field was cleared says nothing', async () => {
    const cleared = { city: null, person: null, note: null };
    await application.partialRecord(tenant, 'email:ada', 'crm', 4_000, cleared);
    const answer = await application.call<Record<string, Profile>>(tenant, `${entities}?${ada}`);
    expect(profileOf(answer).entity).toMatchObject({ city: 'Rome', person: { first: 'A.', last: 'B.' } });
    expect(profileOf(answer)).toMatchObject({ sources: ['web'] });
  });
});
