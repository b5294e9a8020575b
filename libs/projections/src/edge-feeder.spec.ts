import fc from 'fast-check';
import type { Tenant } from '@tessera/contracts';
import { withoutConfiguration } from '@tessera/domain';
import { startProjectedPeople, type ProjectedPeople } from './projected-people.fixture.js';

/** Real: MongoDB and Redis. */
describe('what edges are fed', () => {
  let people: ProjectedPeople;
  let tenant: Tenant;
  beforeAll(async () => {
    people = await startProjectedPeople();
  });
  beforeEach(() => {
    tenant = people.newTenant();
  });
  afterAll(() => people.close());

  const xids = (...identities: readonly string[]) => identities.map((one) => people.xid(tenant, one));
  const feed = (...identities: readonly string[]) => people.feeder.refresh(tenant, xids(...identities));

  it('is what the projection selects of the merged person, under each of the identities', async () => {
    const { id } = await people.project(tenant, 'contact', 'person(name.first),identities');
    await people.see(tenant, ['email:a', 'crm:1']);
    await people.record(tenant, 'email:a', { person: { name: { first: 'Ada', last: 'L' }, age: 36 } });
    await people.record(tenant, 'crm:1', { tier: 'gold', person: { name: { first: 'Augusta' } } });
    expect(await feed('email:a', 'crm:1')).toEqual([{ dataCenter: 'OR1', outcomes: ['stored', 'stored'] }]);
    const held = await people.held(tenant, 'email:a', id);
    expect(held).toMatchObject({ person: { name: { first: 'Augusta' } } });
    expect((held?.['identities'] as object[]).length).toBe(2);
    expect(Object.keys(held ?? {}).sort()).toEqual(['identities', 'person']);
    expect(await people.held(tenant, 'crm:1', id)).toEqual(held);
  });

  it('goes to the data centres of its destination, and to no other', async () => {
    const one = await people.project(tenant, 'one', 'a');
    const both = await people.project(tenant, 'both', 'b', { dataCenters: ['OR1', 'VA5'] });
    await people.see(tenant, ['email:a']);
    await people.record(tenant, 'email:a', { a: 1, b: 2 });
    await feed('email:a');
    const { or1, va5 } = people;
    const heldAt = (edge: typeof or1, id: string) => people.held(tenant, 'email:a', id, edge);
    expect([await heldAt(or1, one.id), await heldAt(or1, both.id)]).toEqual([{ a: 1 }, { b: 2 }]);
    expect([await heldAt(va5, one.id), await heldAt(va5, both.id)]).toEqual([undefined, { b: 2 }]);
  });

  it('is brought up to date under every identity of a person of whom one is told of', async () => {
    const proactive = await people.project(tenant, 'x', 'x');
    await people.see(tenant, ['email:a', 'crm:1']);
    await people.record(tenant, 'email:a', { x: 1 });
    await feed('crm:1');
    expect(await people.held(tenant, 'email:a', proactive.id)).toEqual({ x: 1 });
    tenant = people.newTenant();
    const reactive = await people.project(tenant, 'x', 'x', { replicationPolicy: 'REACTIVE' });
    await people.see(tenant, ['email:a', 'crm:1']);
    const { version } = await people.snapshots.settings(tenant);
    const copy = { projectionId: reactive.id, generation: 'g', ttl: 600, body: '{}', steadyUntil: Infinity };
    await people.or1.fill(tenant, { version, time: Date.now() }, people.xid(tenant, 'email:a'), copy);
    await people.record(tenant, 'crm:1', { x: 2 });
    await feed('crm:1');
    expect(await people.held(tenant, 'email:a', reactive.id)).toEqual({ x: 2 });
    expect(await people.held(tenant, 'crm:1', reactive.id)).toBeUndefined();
  });

  it('follows merges and splits of people', async () => {
    const { id } = await people.project(tenant, 'all', 'left,right');
    await people.see(tenant, ['email:a']);
    await people.see(tenant, ['crm:1']);
    await people.record(tenant, 'email:a', { left: 1 });
    await people.record(tenant, 'crm:1', { right: 2 });
    await feed('email:a', 'crm:1');
    const both = async () => [await people.held(tenant, 'email:a', id), await people.held(tenant, 'crm:1', id)];
    expect(await both()).toEqual([{ left: 1 }, { right: 2 }]);
    await people.feeder.refresh(tenant, await people.see(tenant, ['email:a', 'crm:1'], 'linking'));
    expect(await both()).toEqual([
      { left: 1, right: 2 },
      { left: 1, right: 2 },
    ]);
    await people.feeder.refresh(tenant, await people.withdraw(tenant, 'linking'));
    expect(await both()).toEqual([{ left: 1 }, { right: 2 }]);
  });

  it('is merged by the policy active on edge, otherwise by the default one', async () => {
    const { id } = await people.project(tenant, 'x', 'x');
    await people.see(tenant, ['email:a', 'crm:1']);
    await people.record(tenant, 'email:a', { x: 'old' }, 'first');
    await people.record(tenant, 'crm:1', { x: 'new' }, 'second');
    await feed('email:a');
    expect(await people.held(tenant, 'email:a', id)).toEqual({ x: 'new' });
    const precedence = {
      attributeMerge: { type: 'dataSetPrecedence', order: ['first'] },
      isActiveOnEdge: true,
    } as const;
    await people.policy(tenant, precedence);
    await feed('email:a');
    expect(await people.held(tenant, 'email:a', id)).toEqual({ x: 'old' });
    await people.policy(tenant, { identityGraph: { type: 'none' }, isActiveOnEdge: true });
    await feed('email:a', 'crm:1');
    expect(await people.held(tenant, 'email:a', id)).toEqual({ x: 'old' });
    expect(await people.held(tenant, 'crm:1', id)).toEqual({ x: 'new' });
  });

  it('of a reactive projection is refreshed where it is held, and only there', async () => {
    const { id } = await people.project(tenant, 'x', 'x', { replicationPolicy: 'REACTIVE' });
    for (const one of ['email:a', 'email:b']) {
      await people.see(tenant, [one]);
      await people.record(tenant, one, { x: 1 });
    }
    await feed('email:a', 'email:b');
    expect(await people.held(tenant, 'email:a', id)).toBeUndefined();
    const { version } = await people.snapshots.settings(tenant);
    const copy = { projectionId: id, generation: 'of before', ttl: 600, body: '{"x":1}', steadyUntil: Infinity };
    await people.or1.fill(tenant, { version, time: Date.now() }, people.xid(tenant, 'email:a'), copy);
    for (const one of ['email:a', 'email:b']) await people.record(tenant, one, { x: 2 });
    await feed('email:a', 'email:b');
    expect(await people.held(tenant, 'email:a', id)).toEqual({ x: 2 });
    expect(await people.held(tenant, 'email:b', id)).toBeUndefined();
  });

  it('goes with the person, and with the configuration', async () => {
    const first = await people.project(tenant, 'x', 'x');
    const second = await people.project(tenant, 'y', 'y');
    await people.see(tenant, ['email:a']);
    await people.record(tenant, 'email:a', { x: 1, y: 2 });
    await feed('email:a');
    await people.projections.change(tenant, (set) => withoutConfiguration(set, second.id));
    await feed('email:a');
    expect(await people.held(tenant, 'email:a', first.id)).toEqual({ x: 1 });
    expect(await people.held(tenant, 'email:a', second.id)).toBeUndefined();
    await people.feeder.forget(tenant, xids('email:a'));
    expect(await people.held(tenant, 'email:a', first.id)).toBeUndefined();
  });

  it('is dropped of an identity that nothing is known about any more', async () => {
    const { id } = await people.project(tenant, 'x', 'x,identities');
    await people.see(tenant, ['email:a']);
    await feed('email:a');
    expect(await people.held(tenant, 'email:a', id)).toEqual({
      identities: [{ id: 'a', namespace: { code: 'email' } }],
    });
    await people.vanish(tenant, 'email:a');
    await feed('email:a');
    expect(await people.held(tenant, 'email:a', id)).toBeUndefined();
  });

  it('ends as the store says, whatever changes and feeds run into each other', async () => {
    const { id } = await people.project(tenant, 'n', 'n,m');
    const names = ['email:a', 'email:b', 'crm:1'];
    for (const one of names) await people.see(tenant, [one]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom('n', 'm'), fc.nat(999)), { maxLength: 12 }),
        async (changes) => {
          // Each change is fed after it is durable, all of them at once.
          await Promise.all(
            changes.map(async ([of, field, value], index) => {
              await people.record(tenant, of, { [field]: value }, `dataset-${index % 3}`);
              await feed(...names);
            }),
          );
          const before = await Promise.all(names.map((of) => people.held(tenant, of, id)));
          await feed(...names);
          const after = await Promise.all(names.map((of) => people.held(tenant, of, id)));
          if (changes.length > 0) expect(before).toEqual(after);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has computed attributes of the whole person, where the projection selects them', async () => {
    const some = await people.project(tenant, 'some', 'x,_acme.ComputedAttributes.total');
    const all = await people.project(tenant, 'all', '_acme');
    const none = await people.project(tenant, 'none', 'x');
    await people.computed(tenant, 'total', 'xEvent.n.sum()');
    await people.computed(tenant, 'times', 'xEvent[n > 1].count()');
    await people.see(tenant, ['email:a', 'crm:1']);
    await people.record(tenant, 'email:a', { x: 1, _acme: { tier: 'gold' } });
    for (const [of, n] of [
      ['email:a', 1],
      ['crm:1', 2],
    ] as const) {
      await people.event(tenant, of, { n });
    }
    await feed('email:a');
    for (const whose of ['email:a', 'crm:1']) {
      expect(await people.held(tenant, whose, some.id)).toEqual({ x: 1, _acme: { ComputedAttributes: { total: 3 } } });
      expect(await people.held(tenant, whose, all.id)).toEqual({
        _acme: { tier: 'gold', ComputedAttributes: { total: 3, times: 1 } },
      });
      expect(await people.held(tenant, whose, none.id)).toEqual({ x: 1 });
    }
  });

  it('says until when computed attributes stay what they are while nothing but time passes', async () => {
    const { id } = await people.project(tenant, 'some', 'x,_acme.ComputedAttributes.total');
    const none = await people.project(tenant, 'none', 'x');
    await people.see(tenant, ['email:a']);
    await people.record(tenant, 'email:a', { x: 1 });
    const steadyUntil = async (projectionId: string) =>
      (await people.or1.find(tenant, people.xid(tenant, 'email:a'), projectionId))?.steadyUntil;
    await people.computed(tenant, 'total', 'xEvent.n.sum()');
    await people.event(tenant, 'email:a', { n: 1 });
    await feed('email:a');
    expect(await steadyUntil(id)).toBe(Infinity);
    const expiry = Date.now() + 3_600_000;
    await people.event(tenant, 'email:a', { n: 1 }, new Date(expiry));
    await feed('email:a');
    expect(await steadyUntil(id)).toBe(expiry);
    await people.computed(tenant, 'soon', 'xEvent.timestamp.max() occurs < 3 days before now');
    await feed('email:a');
    expect(await steadyUntil(id)).toBeLessThanOrEqual(Date.now() + 60_000);
    expect(await steadyUntil(none.id)).toBe(Infinity);
  });

  it('costs nothing where nothing is projected', async () => {
    await people.see(tenant, ['email:a']);
    expect(await feed('email:a')).toEqual([]);
  });
});
