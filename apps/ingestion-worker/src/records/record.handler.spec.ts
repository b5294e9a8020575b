import { tenantKey, type JsonObject } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import type { IncomingMessage } from '@tessera/messaging';
import { FenceSetter, IdentitySettingsRepository, type EventDocument } from '@tessera/stores';
import { eventually } from '@tessera/testing';
import { EVENT, handlerBench, PROFILE } from './record-handler.fixture.js';
import type { RecordHandler } from './record.handler.js';

/** Real: MongoDB and Kafka. Messages are handed over as a consumer would. */
describe('the record handler', () => {
  const bench = handlerBench();
  const { tenant, database, namespaces, deadLetters, evidence, changes, newHandler } = bench;
  const { dataset, message, person, aged, fragment, bodyOf, counts } = bench;
  let handler: RecordHandler;

  beforeAll(async () => {
    await bench.open();
    handler = newHandler();
  });
  afterAll(() => bench.close());

  const permutations = <T>(items: T[]): T[][] =>
    items.length <= 1
      ? [items]
      : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));

  it('keeps the newest record of an identity, in whatever order and batches they come', async () => {
    const dates = ['2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z', '2026-01-02T00:00:00Z'];
    for (const [index, order] of permutations(dates).entries()) {
      const [together, alone] = [await dataset(PROFILE), await dataset(PROFILE)];
      await handler.handle(order.map((date) => message(together, aged('ada', date, { city: date }))));
      for (const date of order) await handler.handle([message(alone, aged('ada', date, { city: date }))]);
      for (const id of [together, alone]) {
        expect(await bodyOf(id, 'ada')).toMatchObject({ city: dates[1] });
        expect(await counts(id)).toMatchObject({ applied: 3, deadLettered: 0, duplicate: 0 });
      }
      expect(index).toBeLessThan(6);
    }
  });

  it('takes the later accepted of two records of the same age', async () => {
    const id = await dataset(PROFILE);
    const [first, second] = ['x', 'y'].map((city) => message(id, aged('ada', '2026-01-01T00:00:00Z', { city })));
    await handler.handle([second as IncomingMessage]);
    await handler.handle([first as IncomingMessage]);
    expect(await bodyOf(id, 'ada')).toMatchObject({ city: 'y' });
  });

  it('replaces a record whole', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, person('ada', { city: 'Paris', vip: true }))]);
    await handler.handle([message(id, person('ada', { city: 'Rome' }))]);
    expect(await bodyOf(id, 'ada')).toEqual({ identityMap: { email: [{ id: 'ada', primary: true }] }, city: 'Rome' });
  });

  it('deletes a record, and an older one that arrives later stays deleted', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, aged('ada', '2026-01-01T00:00:00Z', { city: 'Paris' }))]);
    await handler.handle([message(id, aged('ada', '2026-01-03T00:00:00Z'), { operation: 'delete' })]);
    await handler.handle([message(id, aged('ada', '2026-01-02T00:00:00Z', { city: 'Rome' }))]);
    expect(await fragment(id, 'ada')).toMatchObject({ deleted: true });
    expect(await bodyOf(id, 'ada')).toBeUndefined();
    await handler.handle([message(id, aged('ada', '2026-01-04T00:00:00Z', { city: 'Oslo' }))]);
    expect(await bodyOf(id, 'ada')).toMatchObject({ city: 'Oslo' });
  });

  it('stores an event once, the first accepted of those with its id', async () => {
    const id = await dataset(EVENT);
    const event = (price: number, partition: number) =>
      message(id, person('ada', { _id: 'e1', timestamp: '2026-01-01T00:00:00Z', price }), { partition });
    const [first, second, third] = [event(1, 1), event(2, 0), event(3, 0)];
    await handler.handle([second, third]);
    await handler.handle([first]);
    const stored = await database.collection<EventDocument>('events').find({ datasetId: id }).toArray();
    expect(stored).toHaveLength(1);
    expect(JSON.parse(stored[0]?.body ?? '')).toMatchObject({ price: 1 });
    expect(await counts(id)).toMatchObject({ applied: 1, duplicate: 2 });
  });

  it('stores an event under every identity it carries', async () => {
    const id = await dataset(EVENT);
    const identityMap = { Email: [{ id: 'eve', primary: true }], Phone: [{ id: '555' }] };
    await handler.handle([message(id, { identityMap, _id: 'e1', timestamp: '2026-01-01T00:00:00Z' })]);
    const [stored] = await database.collection<EventDocument>('events').find({ datasetId: id }).toArray();
    expect(stored?.xids).toEqual([xidOf(tenant, 'email', 'eve'), xidOf(tenant, 'phone', '555')]);
  });

  it('makes dead letters of bad records, once each, and applies their neighbours', async () => {
    const id = await dataset(PROFILE);
    const broken = [
      message(id, {}, { value: '{"header":' }),
      message(id, {}, { value: JSON.stringify({ header: { datasetId: id } }) }),
      message('0'.repeat(24), person('ada')),
      message(id, person('ada', { n: 2 ** 60 })),
      message(id, { identityMap: {} }),
    ];
    const batch = [message(id, person('ann')), ...broken, message(id, person('bob'))];
    await handler.handle(batch);
    await handler.handle(batch);
    const { children, totalCount } = await deadLetters.list(tenant, {}, { start: 0, limit: 100 });
    expect(totalCount).toBe(5);
    expect(children.map(({ reason }) => reason).sort()).toEqual([
      'malformed-message',
      'malformed-message',
      'no-usable-identity',
      'unknown-dataset',
      'unsafe-integer',
    ]);
    expect(await bodyOf(id, 'ann')).toBeDefined();
    expect(await bodyOf(id, 'bob')).toBeDefined();
    const [kept] = children.filter(({ reason }) => reason === 'unsafe-integer');
    expect(Buffer.from(kept?.record ?? []).equals(broken[3]?.value ?? Buffer.alloc(0))).toBe(true);
    expect(kept?.faults).toEqual([{ path: '/body/xdmEntity/n', message: expect.stringContaining('string') as string }]);
  });

  it('makes dead letters of ids that differ in half a surrogate pair, as stores cannot tell them apart', async () => {
    const id = await dataset(EVENT);
    const event = (eventId: string) => person('ada', { _id: eventId, timestamp: '2026-01-01T00:00:00Z' });
    const halves = ['\ud800', '\ud801'];
    const batch = [
      ...halves.map((half) => message(id, event(half))),
      ...halves.map((half) => message(half, person('ada'))),
      message(id, event('whole: \ud83d\ude00')),
    ];
    await handler.handle(batch);
    await handler.handle(batch);
    expect(await counts(id)).toMatchObject({ applied: 1, duplicate: 0, deadLettered: 2 });
    expect(await counts('')).toMatchObject({
      deadLetteredByReason: { 'malformed-message': expect.any(Number) as number },
    });
  });

  it('counts a batch once, however often and however cut it is delivered', async () => {
    const [records, events] = [await dataset(PROFILE), await dataset(EVENT)];
    const batch = Array.from({ length: 30 }, (_, index) => [
      message(records, person(`p${index % 7}`)),
      message(events, person('ada', { _id: `e${index % 20}`, timestamp: '2026-01-01T00:00:00Z' })),
      message(records, { identityMap: {} }),
    ]).flat();
    const expected = [
      { datasetId: records, applied: 30, duplicate: 0, deadLettered: 30 },
      { datasetId: events, applied: 20, duplicate: 10, deadLettered: 0 },
    ];
    for (const cuts of [
      [0, 90],
      [0, 45, 90],
      [0, 13, 77, 90],
      [60, 90],
    ]) {
      for (let index = 1; index < cuts.length; index += 1) {
        await newHandler().handle(batch.slice(cuts[index - 1], cuts[index]));
      }
      for (const count of expected) expect(await counts(count.datasetId)).toMatchObject(count);
    }
  });

  it('leaves data of a dataset that does not feed profiles alone', async () => {
    const id = await dataset(PROFILE, { profile: false });
    await handler.handle([message(id, person('zoe'))]);
    expect(await fragment(id, 'zoe')).toBeNull();
    expect(await counts(id)).toMatchObject({ applied: 1, notEnabled: 1 });
  });

  it('never writes into a dataset of another tenant', async () => {
    const id = await dataset(PROFILE);
    const headers = { organisation: 'Other@TesseraOrg', sandbox: 'prod' };
    await handler.handle([message(id, person('mallory'), { headers })]);
    expect(await database.collection('fragments').countDocuments({ datasetId: id })).toBe(0);
    const other = { organisation: 'Other@TesseraOrg', sandbox: 'prod' };
    const { children } = await deadLetters.list(other, { datasetId: id }, { start: 0, limit: 10 });
    expect(children.map(({ reason, tenant: owner }) => [reason, owner])).toEqual([
      ['unknown-dataset', tenantKey(other)],
    ]);
  });

  it('takes records of other producers by the broker’s time and place', async () => {
    const id = await dataset(PROFILE);
    const headers = { organisation: tenant.organisation, sandbox: tenant.sandbox };
    const [older, newer] = ['Paris', 'Rome'].map((city) => message(id, person('kim', { city }), { headers }));
    await handler.handle([newer as IncomingMessage]);
    await handler.handle([older as IncomingMessage]);
    expect(await bodyOf(id, 'kim')).toMatchObject({ city: 'Rome' });
  });

  it('knows a namespace that was registered after it last looked', async () => {
    const id = await dataset(PROFILE);
    const record = { identityMap: { Loyalty: [{ id: '7', primary: true }] } };
    await handler.handle([message(id, record)]);
    expect(await counts(id)).toMatchObject({ applied: 0, deadLettered: 1 });
    const loyalty = { code: 'Loyalty', name: 'Loyalty', description: '', idType: 'CROSS_DEVICE' as const };
    await namespaces.create(tenant, loyalty, bench.now());
    await handler.handle([message(id, record)]);
    expect(await counts(id)).toMatchObject({ applied: 1, deadLettered: 1 });
  });

  it('publishes who was seen together, folded, and only who is stored where the dataset does not link', async () => {
    const [linking, silent] = [await dataset(PROFILE), await dataset(PROFILE, { identity: false })];
    const identityMap = { Email: [{ id: 'lin', primary: true }], Phone: [{ id: '777' }] };
    await handler.handle([
      message(linking, { identityMap, extSourceSystemAudit: { lastUpdatedDate: '2026-01-05T00:00:00Z' } }),
      message(linking, { identityMap, extSourceSystemAudit: { lastUpdatedDate: '2026-01-01T00:00:00Z' } }),
      message(silent, { identityMap }),
    ]);
    const of = (id: string) => evidence.filter(({ datasetId }) => datasetId === id);
    await eventually(() => expect([of(linking).length, of(silent).length]).toEqual([1, 1]));
    expect(of(linking)[0]).toMatchObject({
      links: true,
      identities: [{ namespace: 'email' }, { namespace: 'phone' }],
      first: Date.parse('2026-01-01T00:00:00Z'),
      last: Date.parse('2026-01-05T00:00:00Z'),
    });
    expect(of(silent)[0]).toMatchObject({ links: false, identities: [{ namespace: 'email', id: 'lin' }] });
  });

  it('says once what records repeat, and announces each time whose data changed', async () => {
    const id = await dataset(PROFILE);
    const said = () => evidence.filter(({ datasetId }) => datasetId === id).map(({ identities }) => identities.length);
    const xids = [xidOf(tenant, 'email', 'mia'), xidOf(tenant, 'phone', '555')];
    const announced = () => changes.filter(({ members }) => members.some((member) => xids.includes(member)));
    const lastUpdatedDate = '2026-01-05T00:00:00Z';
    const seen = (more: JsonObject) =>
      message(id, {
        identityMap: { Email: [{ id: 'mia', primary: true }], ...more },
        extSourceSystemAudit: { lastUpdatedDate },
      });
    await handler.handle([seen({ Phone: [{ id: '555' }] })]);
    await eventually(() => expect(said()).toEqual([2]));
    expect(announced()).toEqual([]);
    await handler.handle([seen({ Phone: [{ id: '555' }] })]);
    await eventually(() => expect(announced().map(({ members }) => members)).toEqual([xids.toSorted()]));
    await handler.handle([seen({})]);
    await eventually(() => expect(said()).toEqual([2, 1]));
    expect(announced()).toHaveLength(1);
  });

  it.each([
    ['its people were deleted', () => new FenceSetter(database).set(tenant, [], 1, 'd')],
    ['identities may have vanished', () => new FenceSetter(database).announceVanishing(tenant)],
    ['the linking rules changed', () => new IdentitySettingsRepository(database).put(tenant, { namespaces: [] })],
  ])('says again what it said when %s', async (_, happens) => {
    const id = await dataset(PROFILE);
    const extSourceSystemAudit = { lastUpdatedDate: '2026-01-05T00:00:00Z' };
    const repeated = () =>
      message(id, { identityMap: { Email: [{ id: 'ida', primary: true }] }, extSourceSystemAudit });
    await handler.handle([repeated()]);
    await happens();
    await handler.handle([repeated()]);
    await eventually(() => expect(evidence.filter(({ datasetId }) => datasetId === id)).toHaveLength(2));
  });
});
