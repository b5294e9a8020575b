import { replayedMessage } from '@tessera/domain';
import { IncomingMessage } from '@tessera/messaging';
import { DeadLetterReplays, type DeadLetterDocument } from '@tessera/stores';
import { handlerBench, PROFILE } from './record-handler.fixture.js';
import type { RecordHandler } from './record.handler.js';

/** Real: MongoDB and Kafka. What the gateway publishes is handed over as a consumer would. */
describe('replays of dead letters', () => {
  const bench = handlerBench();
  const { tenant, database, deadLetters, dataset, message, person, bodyOf, counts, fragment } = bench;
  const replays = new DeadLetterReplays(database);
  let handler: RecordHandler;
  let offset = 100_000;

  beforeAll(async () => {
    await bench.open();
    handler = bench.newHandler();
  });
  afterAll(() => bench.close());

  async function only(datasetId: string): Promise<DeadLetterDocument> {
    const { children } = await deadLetters.list(tenant, { datasetId }, { start: 0, limit: 10 });
    expect(children).toHaveLength(1);
    return children[0] as DeadLetterDocument;
  }

  /** The message that a replay of the dead letter publishes. */
  async function replayOf(id: string, token: string, correction?: object): Promise<IncomingMessage> {
    const deadLetter = await replays.begin(tenant, id, token);
    if (typeof deadLetter === 'string') throw new Error(deadLetter);
    const corrected = correction && Buffer.from(JSON.stringify(correction));
    const { value, headers } = replayedMessage(tenant, deadLetter, { deadLetterId: id, token }, corrected);
    offset += 1;
    const encoded = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
    return new IncomingMessage(0, {
      key: null,
      value,
      timestamp: String(Date.now()),
      attributes: 0,
      offset: String(offset),
      headers: encoded,
    });
  }

  const envelope = (datasetId: string, entity: object) => ({
    header: { datasetId, schemaRef: { id: PROFILE } },
    body: { xdmMeta: {}, xdmEntity: entity },
  });

  it('apply a mended record with the age and place of the failed one, and end the dead letter', async () => {
    const id = await dataset(PROFILE);
    const bad = message(id, person('ada', { n: 2 ** 60, city: 'Paris' }));
    await handler.handle([bad]);
    await handler.handle([message(id, person('bob', { city: 'Rome' }))]);
    const { _id, acceptedAt } = await only(id);
    const replay = await replayOf(_id, 'r1', envelope(id, person('ada', { city: 'Paris' })));
    await handler.handle([replay]);
    expect(await deadLetters.find(tenant, _id)).toBeNull();
    expect(await fragment(id, 'ada')).toMatchObject({ acceptedAt: acceptedAt.getTime(), age: acceptedAt.getTime() });
    expect(await counts(id)).toMatchObject({ applied: 2, duplicate: 0, deadLettered: 1, replayed: 1 });
  });

  it('never put a late mended record above a newer one', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, person('ada', { n: 2 ** 60 }))]);
    await handler.handle([message(id, person('ada', { city: 'Rome' }))]);
    const { _id } = await only(id);
    await handler.handle([await replayOf(_id, 'r1', envelope(id, person('ada', { city: 'Paris' })))]);
    expect(await bodyOf(id, 'ada')).toMatchObject({ city: 'Rome' });
    expect(await counts(id)).toMatchObject({ stored: 1, superseded: 1, deadLettered: 1, replayed: 1 });
  });

  it('give a message without a stamp the place it had on the topic', async () => {
    const id = await dataset(PROFILE);
    const headers = { organisation: tenant.organisation, sandbox: tenant.sandbox };
    const bad = message(id, person('ada', { n: 2 ** 60 }), { headers });
    const later = message(id, person('ada', { city: 'Rome' }), { headers });
    await handler.handle([bad, later]);
    await handler.handle([await replayOf((await only(id))._id, 'r1', envelope(id, person('ada', { city: 'Paris' })))]);
    expect(await bodyOf(id, 'ada')).toMatchObject({ city: 'Rome' });
  });

  it('leave the same dead letter with what was wrong this time', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, person('ada', { n: 2 ** 60 }))]);
    const before = await only(id);
    await handler.handle([await replayOf(before._id, 'r1', envelope(id, { identityMap: {} }))]);
    const after = await only(id);
    expect(after).toMatchObject({ _id: before._id, reason: 'no-usable-identity', attempts: 2, record: before.record });
    expect(after.faults).not.toEqual(before.faults);
    expect(JSON.parse(after.correction?.toString() ?? '')).toEqual(envelope(id, { identityMap: {} }));
    expect(after.lastAttempt > before.lastAttempt).toBe(true);
    expect(after.firstAttempt).toEqual(before.firstAttempt);
    await handler.handle([await replayOf(before._id, 'r2')]);
    const again = await only(id);
    expect(again).toMatchObject({ reason: 'unsafe-integer', attempts: 3 });
    expect(again.correction).toBeUndefined();
    expect(again.replay).toBeUndefined();
    expect(await counts(id)).toMatchObject({ applied: 0, deadLettered: 3, replayed: 2 });
  });

  it('keep faults that look like expressions of the store as they are', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, person('ada', { n: 2 ** 60 }))]);
    const { _id } = await only(id);
    await handler.handle([await replayOf(_id, 'r1', envelope(id, person('ada', { $where: { '$a.b': 2 ** 60 } })))]);
    expect((await only(id)).faults).toMatchObject([{ path: '/body/xdmEntity/$where/$a.b' }]);
  });

  it('have one effect and one count, however often and however cut they are delivered', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, person('ada', { n: 2 ** 60 })), message(id, { identityMap: {} })]);
    const { children } = await deadLetters.list(tenant, { datasetId: id }, { start: 0, limit: 10 });
    const [mended, hopeless] = ['unsafe-integer', 'no-usable-identity'].map(
      (reason) => children.find((child) => child.reason === reason)?._id ?? '',
    );
    const batch = [
      await replayOf(mended ?? '', 'r1', envelope(id, person('ada', { city: 'Paris' }))),
      await replayOf(hopeless ?? '', 'r1'),
    ];
    await handler.handle(batch);
    await handler.handle(batch);
    await handler.handle(batch.slice(1));
    expect(await only(id)).toMatchObject({ _id: hopeless, attempts: 2 });
    expect(await counts(id)).toMatchObject({ applied: 1, duplicate: 0, deadLettered: 3, replayed: 2 });
  });

  it('have no effect once another one overtook them, or their dead letter is deleted', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, person('ada', { n: 2 ** 60 }))]);
    const { _id } = await only(id);
    const first = await replayOf(_id, 'r1', envelope(id, person('ada', { city: 'Paris' })));
    expect(await replays.begin(tenant, _id, 'r2')).toBe('under-way');
    await replays.takeBack(tenant, { deadLetterId: _id, token: 'r1' });
    const second = await replayOf(_id, 'r2', envelope(id, person('ada', { city: 'Rome' })));
    await handler.handle([first]);
    expect(await bodyOf(id, 'ada')).toBeUndefined();
    expect(await deadLetters.delete(tenant, _id)).toBe(true);
    await handler.handle([second]);
    expect(await bodyOf(id, 'ada')).toBeUndefined();
    expect(await counts(id)).toMatchObject({ applied: 0, duplicate: 2, deadLettered: 1, replayed: 2 });
  });

  it('do not come back as dead letters when the first message is delivered again', async () => {
    const id = await dataset(PROFILE);
    const bad = message(id, person('ada', { n: 2 ** 60 }));
    await handler.handle([bad]);
    const { _id } = await only(id);
    await handler.handle([await replayOf(_id, 'r1', envelope(id, person('ada')))]);
    await handler.handle([bad]);
    expect(await deadLetters.find(tenant, _id)).toBeNull();
    expect(await deadLetters.list(tenant, { datasetId: id }, { start: 0, limit: 1 })).toMatchObject({ totalCount: 0 });
  });

  it('of another tenant’s dead letter are never believed', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, person('ada', { n: 2 ** 60 }))]);
    const { _id } = await only(id);
    await replays.begin(tenant, _id, 'r1');
    const headers = { organisation: 'Other@TesseraOrg', sandbox: 'prod', replay: `${_id} r1` };
    await handler.handle([message(id, person('ada'), { headers })]);
    expect(await only(id)).toMatchObject({ replay: { token: 'r1' } });
  });

  it('keep a record that the worker cannot handle as the same dead letter', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, person('ada', { n: 2 ** 60 }))]);
    const { _id } = await only(id);
    await handler.handlePoison(await replayOf(_id, 'r1'));
    expect(await only(id)).toMatchObject({ _id, reason: 'handling-failed', attempts: 2 });
  });
});
