import type { Tenant } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import {
  DeletionFences,
  FenceSetter,
  HiddenBatches,
  Ledger,
  type EventDocument,
  type FenceStanding,
  type FenceSubject,
} from '@tessera/stores';
import { eventually } from '@tessera/testing';
import { EVENT, handlerBench, PROFILE } from './record-handler.fixture.js';
import type { RecordHandler } from './record.handler.js';

/** Real: MongoDB and Kafka. Messages are handed over as a consumer would. */
describe('records of what was deleted', () => {
  const bench = handlerBench();
  const { tenant, database, dataset, message, person, aged, fragment, bodyOf, counts, deadLetters, evidence } = bench;
  const fences = new FenceSetter(database);
  let handler: RecordHandler;
  let deletions = 0;

  beforeAll(async () => {
    await bench.open();
    handler = bench.newHandler();
  });
  afterAll(() => bench.close());

  const xid = (email: string) => xidOf(tenant, 'email', email);
  const remove = async (subject: FenceSubject, at = bench.now()): Promise<string> => {
    const id = `deletion-${(deletions += 1)}`;
    await fences.set(tenant, [subject], at, id);
    return id;
  };
  const event = (email: string, id: string) => person(email, { _id: id, timestamp: '2026-01-01T00:00:00Z' });
  const ofBatch = (datasetId: string, batchId: string, email: string, id: string) => {
    const headers = Object.fromEntries(
      message(datasetId, event(email, id))
        .headers()
        .map(({ name, value }) => [name, value]),
    );
    return message(datasetId, event(email, id), { headers: { ...headers, 'batch-id': batchId } });
  };
  const eventsOf = (datasetId: string) =>
    database
      .collection<EventDocument>('events')
      .find({ datasetId, heldBy: { $exists: false } })
      .toArray();

  it('are discarded with their dataset when they were accepted before, and kept when after', async () => {
    const id = await dataset(PROFILE);
    const [early, broken] = [message(id, person('ann')), message(id, { identityMap: {} })];
    await remove({ kind: 'dataset', datasetId: id });
    const late = message(id, person('bea', { city: 'Rome' }));
    await handler.handle([early, broken, late]);
    expect(await fragment(id, 'ann')).toBeNull();
    expect(await bodyOf(id, 'bea')).toMatchObject({ city: 'Rome' });
    expect(await counts(id)).toMatchObject({ applied: 3, stored: 1, deleted: 2, deadLettered: 0 });
    expect((await deadLetters.list(tenant, { datasetId: id }, { start: 0, limit: 9 })).totalCount).toBe(0);
  });

  it('are discarded, not refused, when the dataset is no longer in the catalogue', async () => {
    const gone = 'f'.repeat(24);
    const late = message(gone, person('ann'));
    await remove({ kind: 'dataset', datasetId: gone });
    await handler.handle([late]);
    expect(await counts(gone)).toMatchObject({ applied: 1, deleted: 1, deadLettered: 0 });
  });

  it('are discarded with their batch', async () => {
    const id = await dataset(EVENT);
    const withBatch = (batchId: string, email: string) => {
      const one = message(id, event(email, email));
      const headers = Object.fromEntries(one.headers().map(({ name, value }) => [name, value]));
      return message(id, event(email, email), { headers: { ...headers, 'batch-id': batchId } });
    };
    const [of, other] = [withBatch('B1', 'ann'), withBatch('B2', 'bea')];
    await remove({ kind: 'batch', batchId: 'B1' });
    await handler.handle([of, other]);
    expect((await eventsOf(id)).map(({ batchId }) => batchId)).toEqual(['B2']);
  });

  it('are discarded with a person: records under its identities, events that carry one of them', async () => {
    const [records, events] = [await dataset(PROFILE), await dataset(EVENT)];
    const both = { identityMap: { Email: [{ id: 'cleo' }, { id: 'dora', primary: true }] } };
    const early = [
      message(records, person('cleo', { city: 'Paris' })),
      message(records, both),
      message(events, event('cleo', 'e1')),
      message(events, { ...both, _id: 'e2', timestamp: '2026-01-01T00:00:00Z' }),
      message(events, { ...event('cleo', 'e3'), timestamp: 'never' }),
    ];
    await remove({ kind: 'person', xid: xid('cleo') });
    const late = [message(records, person('cleo', { city: 'Rome' })), message(events, event('cleo', 'e4'))];
    await handler.handle([...early, ...late]);
    expect(await bodyOf(records, 'cleo')).toMatchObject({ city: 'Rome' });
    expect(await fragment(records, 'dora')).not.toBeNull();
    expect((await eventsOf(events)).map(({ eventId }) => eventId)).toEqual(['e4']);
    expect(await counts(records)).toMatchObject({ applied: 3, stored: 2, deleted: 1 });
    expect(await counts(events)).toMatchObject({ applied: 4, stored: 1, deleted: 3, deadLettered: 0 });
    const said = await eventually(() => {
      const found = evidence.filter(({ datasetId }) => [records, events].includes(datasetId));
      if (found.length < 3) throw new Error('not said yet');
      return found;
    });
    const ofDora = said.find(({ identities }) => identities[0]?.xid === xid('dora'));
    expect(ofDora?.identities.map(({ id }) => id)).toEqual(['dora']);
    const ofCleo = said.filter(({ identities }) => identities[0]?.xid === xid('cleo'));
    expect(ofCleo.every(({ since }) => since !== undefined)).toBe(true);
  });

  it('are discarded with a whole sandbox, and counted as deleted', async () => {
    const id = await dataset(PROFILE);
    const other = { ...tenant, sandbox: 'other' };
    await fences.set(other, [{ kind: 'sandbox' }], Number.MAX_SAFE_INTEGER, 'x');
    const headers = { organisation: other.organisation, sandbox: other.sandbox };
    await handler.handle([message(id, person('ann'), { headers }), message(id, person('bea'))]);
    expect(await fragment(id, 'bea')).not.toBeNull();
    expect(await new Ledger(database).counts(other)).toMatchObject([
      { datasetId: id, applied: 1, deleted: 1, deadLettered: 0 },
    ]);
  });

  it('are not in the way of what is accepted later, as long as they are not removed', async () => {
    const [records, upserts, events] = [
      await dataset(PROFILE),
      await dataset(PROFILE, { upsert: true }),
      await dataset(EVENT),
    ];
    await handler.handle([
      message(records, aged('eve', '2026-03-01T00:00:00Z', { city: 'Paris' })),
      message(upserts, aged('eve', '2026-03-01T00:00:00Z', { city: 'Paris', vip: true })),
      message(events, event('eve', 'e1')),
    ]);
    for (const datasetId of [records, upserts, events]) await remove({ kind: 'dataset', datasetId });
    await handler.handle([
      message(records, aged('eve', '2026-01-01T00:00:00Z', { city: 'Rome' })),
      message(upserts, aged('eve', '2026-01-01T00:00:00Z', { city: 'Rome' })),
      message(events, event('eve', 'e1')),
    ]);
    expect(await bodyOf(records, 'eve')).toMatchObject({ city: 'Rome' });
    const upserted = await bodyOf(upserts, 'eve');
    expect(upserted).toMatchObject({ city: 'Rome' });
    expect(upserted).not.toHaveProperty('vip');
    expect(await eventsOf(events)).toHaveLength(1);
    expect(await counts(events)).toMatchObject({ stored: 2, duplicate: 0 });
  });

  describe('do not keep their ids from events that are accepted later, as long as they are not removed,', () => {
    const touchedBy = async (deletionId: string) =>
      (await database.collection<{ xid: string }>('deletion_touched').find({ deletionId }).toArray()).map(
        (one) => one.xid,
      );

    it('with their batch, and the deletion still looks at whom they were about', async () => {
      const id = await dataset(EVENT);
      await handler.handle([ofBatch(id, 'G1', 'gus', 'e1'), ofBatch(id, 'G2', 'gus', 'e2')]);
      const deletion = await remove({ kind: 'batch', batchId: 'G1' });
      const later = [ofBatch(id, 'G3', 'hal', 'e1'), message(id, event('hal', 'e2'))];
      await handler.handle(later);
      const stored = (await eventsOf(id)).map(({ eventId, batchId, xids }) => [eventId, batchId, xids]);
      expect(stored.sort()).toEqual([
        ['e1', 'G3', [xid('hal')]],
        ['e2', 'G2', [xid('gus')]],
      ]);
      expect(await touchedBy(deletion)).toEqual([xid('gus')]);
      expect(await counts(id)).toMatchObject({ stored: 3, duplicate: 1 });
      // The same messages once more, as after a crash, are the same events.
      await handler.handle(later);
      expect((await eventsOf(id)).map(({ eventId, batchId }) => [eventId, batchId]).sort()).toEqual([
        ['e1', 'G3'],
        ['e2', 'G2'],
      ]);
      expect(await counts(id)).toMatchObject({ stored: 3, duplicate: 1 });
    });

    it('with a person, when they are of another one now', async () => {
      const id = await dataset(EVENT);
      await handler.handle([message(id, event('ida', 'e1'))]);
      const deletion = await remove({ kind: 'person', xid: xid('ida') });
      await handler.handle([message(id, event('jon', 'e1'))]);
      expect((await eventsOf(id)).map(({ xids }) => xids)).toEqual([[xid('jon')]]);
      expect(await touchedBy(deletion)).toEqual([xid('ida')]);
    });

    it('with a batch that was taken back, whose events nobody sees any more', async () => {
      const id = await dataset(EVENT);
      await handler.handle([ofBatch(id, 'K1', 'kim', 'e1')]);
      const hidden = new HiddenBatches(database);
      await hidden.change(tenant, { hide: ['K1'] });
      await handler.handle([message(id, event('kim', 'e1'))]);
      expect((await eventsOf(id)).map(({ batchId }) => batchId)).toEqual([undefined]);
      await hidden.change(tenant, { show: ['K1'] });
    });

    it('but do where their deletion was given up, or ended', async () => {
      const id = await dataset(EVENT);
      await handler.handle([ofBatch(id, 'L1', 'leo', 'e1')]);
      const deletion = await remove({ kind: 'batch', batchId: 'L1' });
      await fences.close(tenant, deletion);
      await handler.handle([message(id, event('leo', 'e1'))]);
      expect((await eventsOf(id)).map(({ batchId }) => batchId)).toEqual(['L1']);
      expect(await counts(id)).toMatchObject({ stored: 1, duplicate: 1 });
    });
  });

  it.each([
    ['dataset', (datasetId: string): FenceSubject => ({ kind: 'dataset', datasetId })],
    ['person', (): FenceSubject => ({ kind: 'person', xid: xid('finn') })],
  ])('are taken back when the %s is deleted while they are being written', async (_, subjectOf) => {
    const [records, events] = [await dataset(PROFILE), await dataset(EVENT)];
    /** Somebody deletes after a batch was written, before its writer looks again. */
    class LateDeletion extends DeletionFences {
      override async standing(of: Tenant): Promise<FenceStanding> {
        for (const datasetId of [records, events]) await remove(subjectOf(datasetId));
        return super.standing(of);
      }
    }
    const handling = bench.newHandler(new Ledger(database), new LateDeletion(database));
    const before = evidence.length;
    await handling.handle([message(records, person('finn')), message(events, event('finn', 'e1'))]);
    expect(await fragment(records, 'finn')).toBeNull();
    expect(await eventsOf(events)).toEqual([]);
    for (const id of [records, events]) expect(await counts(id)).toMatchObject({ applied: 1, deleted: 1 });
    expect(evidence).toHaveLength(before);
  });

  it('are taken back without the events of others that have their ids, and also where they were held as repeats', async () => {
    const id = await dataset(EVENT);
    class LateDeletion extends DeletionFences {
      override async standing(of: Tenant): Promise<FenceStanding> {
        await remove({ kind: 'person', xid: xid('mia') });
        return super.standing(of);
      }
    }
    await handler.handle([ofBatch(id, 'M1', 'ned', 'e1'), message(id, event('ned', 'e2'))]);
    const handling = bench.newHandler(new Ledger(database), new LateDeletion(database));
    await handling.handle([message(id, event('mia', 'e1')), message(id, event('mia', 'e2'))]);
    const stored = await database.collection<EventDocument>('events').find({ datasetId: id }).toArray();
    expect(stored.map(({ eventId, xids }) => [eventId, xids]).sort()).toEqual([
      ['e1', [xid('ned')]],
      ['e2', [xid('ned')]],
    ]);
    expect(await counts(id)).toMatchObject({ stored: 2, deleted: 2 });
  });
});
