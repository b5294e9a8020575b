import type { JsonObject } from '@tessera/contracts';
import type { IncomingMessage } from '@tessera/messaging';
import { eventually } from '@tessera/testing';
import { EVENT, handlerBench, PROFILE } from './record-handler.fixture.js';
import type { RecordHandler } from './record.handler.js';

/** Real: MongoDB and Kafka. Messages are handed over as a consumer would. */
describe('partial records', () => {
  const bench = handlerBench();
  const { tenant, deadLetters, evidence, newHandler, dataset, message, person, aged, fragment, bodyOf, counts } = bench;
  let handler: RecordHandler;

  beforeAll(async () => {
    await bench.open();
    handler = newHandler();
  });
  afterAll(() => bench.close());

  const day = (number: number) => `2026-01-${String(number).padStart(2, '0')}T00:00:00.000Z`;
  const merge = (id: string, number: number, fields: JsonObject) =>
    message(id, aged('ada', day(number), fields), { operation: 'merge' });
  const fieldsOf = async (id: string): Promise<unknown> => {
    const {
      identityMap: _identities,
      extSourceSystemAudit: _audit,
      ...fields
    } = (await bodyOf(id, 'ada')) as JsonObject;
    return fields;
  };

  it('change the fields they have, each with its own age, in whatever order and batches they come', async () => {
    const make = (id: string) => [
      message(id, aged('ada', day(1), { city: 'Paris', person: { first: 'Ada', last: 'King' } })),
      merge(id, 3, { person: { last: 'Lovelace' }, tags: ['a', 'b'] }),
      merge(id, 2, { city: 'Rome', person: { last: 'Byron' }, tags: ['c'] }),
    ];
    const [together, alone, backwards] = [await dataset(PROFILE), await dataset(PROFILE), await dataset(PROFILE)];
    await handler.handle(make(together));
    for (const each of make(alone)) await handler.handle([each]);
    for (const each of make(backwards).toReversed()) await handler.handle([each]);
    for (const id of [together, alone, backwards]) {
      expect(await bodyOf(id, 'ada')).toEqual({
        identityMap: { email: [{ id: 'ada', primary: true }] },
        extSourceSystemAudit: { lastUpdatedDate: day(3) },
        city: 'Rome',
        person: { first: 'Ada', last: 'Lovelace' },
        tags: ['a', 'b'],
      });
      expect(await fragment(id, 'ada')).toMatchObject({ age: Date.parse(day(3)) });
    }
  });

  it('clear a field with null, and take an empty text and an empty array as values', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([merge(id, 3, { a: null, b: '', c: [], d: {}, e: { f: null } })]);
    await handler.handle([message(id, aged('ada', day(2), { a: 1, b: 2, c: [3], d: { g: 4 }, e: { f: 5, h: 6 } }))]);
    expect(await fieldsOf(id)).toEqual({ b: '', c: [], d: { g: 4 }, e: { h: 6 } });
  });

  it('are what every record is in a dataset of upserts, deletes apart', async () => {
    const id = await dataset(PROFILE, { upsert: true });
    await handler.handle([message(id, aged('ada', day(1), { city: 'Paris', vip: true }))]);
    await handler.handle([message(id, aged('ada', day(3), { city: null, age: 36 }), { operation: 'create' })]);
    expect(await fieldsOf(id)).toEqual({ vip: true, age: 36 });
    await handler.handle([message(id, aged('ada', day(2)), { operation: 'delete' })]);
    expect(await fieldsOf(id)).toEqual({ age: 36 });
    await handler.handle([message(id, aged('ada', day(4)), { operation: 'delete' })]);
    await handler.handle([message(id, aged('ada', day(3), { late: true }))]);
    expect(await fragment(id, 'ada')).toMatchObject({ deleted: true });
  });

  it('unite the identities of a namespace, are evidence like any record, and clear a namespace with null', async () => {
    const id = await dataset(PROFILE);
    const identities = (...phones: string[]) => ({
      identityMap: { Email: [{ id: 'lin', primary: true }], Phone: phones.map((phone) => ({ id: phone })) },
    });
    await handler.handle([message(id, identities('1', '2'), { operation: 'merge' })]);
    await handler.handle([message(id, identities('3'), { operation: 'merge' })]);
    const identityMap = { email: [{ id: 'lin', primary: true }], phone: [{ id: '1' }, { id: '2' }, { id: '3' }] };
    expect(await bodyOf(id, 'lin')).toEqual({ identityMap });
    await eventually(() => {
      const linked = evidence.filter(({ datasetId, links }) => datasetId === id && links);
      expect(linked.flatMap((each) => each.identities.map((identity) => identity.id)).sort()).toEqual([
        '1',
        '2',
        '3',
        'lin',
        'lin',
      ]);
    });
    const cleared = { identityMap: { Email: [{ id: 'lin', primary: true }], phone: null } };
    await handler.handle([message(id, cleared, { operation: 'merge' })]);
    expect(await bodyOf(id, 'lin')).toEqual({ identityMap: { email: [{ id: 'lin', primary: true }] } });
  });

  it('are counted once, however often and however cut they are delivered', async () => {
    const [mixed, upserts] = [await dataset(PROFILE), await dataset(PROFILE, { upsert: true })];
    const batch = Array.from({ length: 40 }, (_, index): IncomingMessage[] => {
      const operation = ['merge', 'create', 'merge', 'merge', 'delete'][index % 5] as string;
      const fields = aged(`p${index % 3}`, day(1 + ((index * 7) % 28)), { [`f${index % 4}`]: index });
      return [
        message(mixed, fields, { operation }),
        message(upserts, fields),
        message(upserts, { identityMap: {} }, { operation: 'merge' }),
      ];
    }).flat();
    const states: unknown[] = [];
    for (const cuts of [
      [0, 120],
      [0, 51, 120],
      [0, 7, 77, 120],
      [90, 120],
    ]) {
      for (let index = 1; index < cuts.length; index += 1) {
        await newHandler().handle(batch.slice(cuts[index - 1], cuts[index]));
      }
      expect(await counts(mixed)).toMatchObject({ applied: 40, duplicate: 0, deadLettered: 0 });
      expect(await counts(upserts)).toMatchObject({ applied: 40, duplicate: 0, deadLettered: 40 });
      states.push(
        await Promise.all(
          ['p0', 'p1', 'p2'].map((name) => Promise.all([fragment(mixed, name), fragment(upserts, name)])),
        ),
      );
    }
    for (const state of states) expect(state).toEqual(states[0]);
  });

  it('of events are refused, as events never change', async () => {
    const id = await dataset(EVENT);
    const visit = person('ada', { _id: 'e1', timestamp: day(1) });
    await handler.handle([message(id, visit, { operation: 'merge' })]);
    const { children } = await deadLetters.list(tenant, { datasetId: id }, { start: 0, limit: 10 });
    expect(children.map(({ reason }) => reason)).toEqual(['unsupported-operation']);
  });
});
