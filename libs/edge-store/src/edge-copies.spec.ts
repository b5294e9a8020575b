import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { UnavailableError } from '@tessera/contracts';
import { eventually, openDoor, testServers } from '@tessera/testing';
import { EdgeCopies, type IdentityUpdate, type Moment, type ProjectedCopy } from './index.js';

/** Real: Redis, behind a door where it is to go away. */
describe('the copies of an edge', () => {
  const redisPrefix = `test-${randomUUID()}-`;
  const opened: EdgeCopies[] = [];
  const copiesOf = async (dataCenter = 'OR1', redisUrl = testServers().redisUrl) => {
    const copies = new EdgeCopies({ redisUrl, redisPrefix, dataCenter });
    await copies.connect();
    opened.push(copies);
    return copies;
  };
  let copies: EdgeCopies;
  let others: EdgeCopies;
  beforeAll(async () => {
    [copies, others] = await Promise.all([copiesOf(), copiesOf()]);
  });
  afterAll(() => {
    for (const some of opened) some.close();
  });

  const tenant = { organisation: 'O@TesseraOrg', sandbox: 'prod' };
  const moment = (version: number): Moment => ({ version, time: Date.now() });
  const copy = (body: string, more: Partial<ProjectedCopy> = {}): ProjectedCopy => ({
    projectionId: 'p',
    generation: 'g',
    ttl: 600,
    body,
    steadyUntil: Infinity,
    ...more,
  });
  const update = (xid: string, ...given: readonly ProjectedCopy[]): IdentityUpdate => ({
    xid,
    copies: given.map((one) => ({ ...one, onlyIfHeld: false })),
  });
  const refresh = (xid: string, ...given: readonly ProjectedCopy[]): IdentityUpdate => ({
    xid,
    copies: given.map((one) => ({ ...one, onlyIfHeld: true })),
  });
  const bodyOf = async (xid: string, projectionId = 'p') => (await copies.find(tenant, xid, projectionId))?.body;

  it('are what was pushed last by version, in whatever order and by however many', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000_000_000_000 }), { minLength: 1, maxLength: 12 }),
        async (versions) => {
          const xid = randomUUID();
          await Promise.all(
            versions.map((version, index) =>
              (index % 2 === 0 ? copies : others).push(tenant, moment(version), [update(xid, copy(`v${version}`))]),
            ),
          );
          const newest = Math.max(...versions);
          expect(await copies.find(tenant, xid, 'p')).toMatchObject({ version: newest, body: `v${newest}` });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('say of which generation they are, and until when time alone changes nothing', async () => {
    const [pushed, filled] = [randomUUID(), randomUUID()];
    const later = Date.now() + 1_000_000;
    await copies.push(tenant, moment(1), [
      update(pushed, copy('a', { steadyUntil: later }), copy('b', { projectionId: 'q' })),
    ]);
    await copies.fill(tenant, moment(1), filled, copy('c', { steadyUntil: later }));
    const held = { version: 1, generation: 'g' };
    expect(await copies.find(tenant, pushed, 'p')).toEqual({ ...held, body: 'a', steadyUntil: later });
    expect(await copies.find(tenant, pushed, 'q')).toEqual({ ...held, body: 'b', steadyUntil: Infinity });
    expect(await copies.find(tenant, filled, 'p')).toEqual({ ...held, body: 'c', steadyUntil: later });
  });

  it('tells versions apart that differ in the last of fifteen digits', async () => {
    const xid = randomUUID();
    await copies.push(tenant, moment(199_999_999_999_999), [update(xid, copy('new'))]);
    expect(await copies.push(tenant, moment(199_999_999_999_998), [update(xid, copy('old'))])).toEqual(['late']);
    expect(await bodyOf(xid)).toBe('new');
  });

  it('are not brought back by what was on its way when they were removed', async () => {
    const xid = randomUUID();
    await copies.push(tenant, moment(1), [update(xid, copy('one'))]);
    await copies.push(tenant, moment(3), [update(xid)]);
    expect(await copies.push(tenant, moment(2), [update(xid, copy('two'))])).toEqual(['late']);
    expect(await copies.fill(tenant, moment(2), xid, copy('two'))).toBe('late');
    expect(await bodyOf(xid)).toBeUndefined();
    expect(await copies.fill(tenant, moment(4), xid, copy('four'))).toBe('stored');
    expect(await bodyOf(xid)).toBe('four');
  });

  it('are not taken from further back than is remembered', async () => {
    const past = { version: 5, time: Date.now() - 61_000 };
    await expect(copies.push(tenant, past, [update(randomUUID(), copy('old'))])).rejects.toThrow(UnavailableError);
    await expect(copies.fill(tenant, past, randomUUID(), copy('old'))).rejects.toThrow(UnavailableError);
  });

  it('are refreshed only where they are held, and then live no longer than before', async () => {
    const [held, other] = [randomUUID(), randomUUID()];
    await copies.fill(tenant, moment(1), held, copy('one', { ttl: 2 }));
    await copies.push(tenant, moment(2), [refresh(held, copy('two', { ttl: 600 })), refresh(other, copy('two'))]);
    expect([await bodyOf(held), await bodyOf(other)]).toEqual(['two', undefined]);
    expect(await copies.held(tenant, [held, other])).toEqual(new Set([held]));
    await eventually(async () => expect(await bodyOf(held)).toBeUndefined());
  });

  it('filled from before a change that was pushed meanwhile are refused', async () => {
    const xid = randomUUID();
    await copies.push(tenant, moment(7), [refresh(xid, copy('seven'))]);
    expect(await copies.fill(tenant, moment(6), xid, copy('six'))).toBe('late');
    expect(await copies.fill(tenant, moment(7), xid, copy('seven'))).toBe('stored');
  });

  it('of projections that are not given any more go, those filled since stay', async () => {
    const xid = randomUUID();
    await copies.push(tenant, moment(1), [
      update(xid, copy('a', { projectionId: 'a' }), copy('b', { projectionId: 'b' })),
    ]);
    await copies.fill(tenant, moment(9), xid, copy('c', { projectionId: 'c' }));
    await copies.push(tenant, moment(5), [update(xid, copy('a5', { projectionId: 'a' }))]);
    expect(await Promise.all(['a', 'b', 'c'].map((id) => bodyOf(xid, id)))).toEqual(['a5', undefined, 'c']);
  });

  it('are of one tenant and one data centre', async () => {
    const xid = randomUUID();
    const elsewhere = await copiesOf('VA5');
    await copies.push(tenant, moment(1), [update(xid, copy('here'))]);
    expect(await elsewhere.find(tenant, xid, 'p')).toBeUndefined();
    expect(await copies.find({ ...tenant, sandbox: 'other' }, xid, 'p')).toBeUndefined();
  });

  it('of a sandbox are found and dropped without anything of another one, whatever their names look like', async () => {
    const organisation = `O*[${randomUUID()}]?\\@TesseraOrg`;
    const own = { organisation, sandbox: 'a*' };
    const foreign = [
      { organisation, sandbox: 'ab' },
      { organisation, sandbox: 'a*b' },
      { organisation: organisation.replace('*', 'x'), sandbox: 'a*' },
    ];
    const xids = Array.from({ length: 450 }, () => randomUUID()).sort();
    for (const of of [own, ...foreign]) {
      await copies.push(
        of,
        moment(1),
        xids.map((xid) => update(xid, copy('one'))),
      );
    }
    const elsewhere = await copiesOf('VA5');
    await elsewhere.push(own, moment(1), [update(xids[0] ?? '', copy('one'))]);
    const found = async (of: typeof own, edge = copies) => {
      const all = new Set<string>();
      for (let place: string | undefined = ''; place !== undefined;) {
        const look: Awaited<ReturnType<EdgeCopies['scan']>> = await edge.scan(of, place);
        for (const xid of look.xids) all.add(xid);
        place = look.next;
      }
      return [...all].sort();
    };
    expect(await found(own)).toEqual(xids);
    await copies.drop(own, xids);
    expect(await found(own)).toEqual([]);
    expect((await copies.held(own, xids)).size).toBe(0);
    for (const of of foreign) expect(await found(of)).toEqual(xids);
    expect(await found(own, elsewhere)).toEqual([xids[0]]);
  });

  it('say at once that Redis is away, and are there again when it is back', async () => {
    const door = await openDoor(new URL(testServers().redisUrl).host);
    const behind = await copiesOf('OR1', `redis://127.0.0.1:${door.port}`);
    const xid = randomUUID();
    await behind.push(tenant, moment(1), [update(xid, copy('one'))]);
    await door.shut();
    await expect(behind.find(tenant, xid, 'p')).rejects.toThrow(UnavailableError);
    await expect(behind.push(tenant, moment(2), [update(xid, copy('two'))])).rejects.toThrow(UnavailableError);
    await expect(behind.ping()).rejects.toThrow(UnavailableError);
    await door.open();
    await eventually(async () => expect((await behind.find(tenant, xid, 'p'))?.body).toBe('one'), { timeout: 10_000 });
    behind.close();
    await door.shut();
  });
});
