import {
  deadTopic,
  formatStamp,
  recordHeaders,
  topics,
  type JsonObject,
  type RejectionNotice,
  type TopicName,
} from '@tessera/contracts';
import { BatchConsumer, ensureTopics, type IncomingMessage } from '@tessera/messaging';
import { deadLetterId } from '@tessera/stores';
import { eventually } from '@tessera/testing';
import { EVENT, handlerBench, PROFILE } from './record-handler.fixture.js';
import type { RecordHandler } from './record.handler.js';

/** Real: MongoDB and Kafka. Messages are handed over as a consumer would; notices are read from their topic. */
describe('producers that write to the record topic themselves', () => {
  const bench = handlerBench();
  const { tenant, dataset, message, person, counts, database, deadLetters, ledger, prometheus, fragment, messaging } =
    bench;
  const notices: { readonly key: string | undefined; readonly notice: RejectionNotice }[] = [];
  const headers = {
    [recordHeaders.organisation]: tenant.organisation,
    [recordHeaders.sandbox]: tenant.sandbox,
  };
  let handler: RecordHandler;
  let listener: BatchConsumer;

  beforeAll(async () => {
    await bench.open();
    await ensureTopics(messaging, 1, 1);
    handler = bench.newHandler();
    listener = new BatchConsumer(messaging, {
      topic: deadTopic(topics.record) as TopicName,
      group: 'producer',
      handle: (messages) => {
        for (const { key, value } of messages) {
          notices.push({ key: key?.toString(), notice: JSON.parse(value.toString()) as RejectionNotice });
        }
        return Promise.resolve();
      },
      handlePoison: () => Promise.resolve(),
      maxRecords: 100,
      concurrency: 1,
      commitInterval: 50,
    });
    await listener.start();
  });
  afterAll(async () => {
    await listener.stop();
    await bench.close();
  });

  const noticesOf = (datasetId: string) =>
    notices.filter(({ notice }) => notice.datasetId === datasetId).map(({ notice }) => notice);
  /** Those of some messages, whatever comes late of others meanwhile. */
  const noticesAbout = (...messages: readonly IncomingMessage[]) => {
    const offsets = new Set(messages.map(({ offset }) => Number(offset)));
    return notices.filter(({ notice }) => offsets.has(notice.source.offset)).map(({ notice }) => notice);
  };
  const enveloped = (datasetId: string, header: JsonObject, entity: JsonObject) =>
    JSON.stringify({
      header: { datasetId, schemaRef: { id: PROFILE }, ...header },
      body: { xdmMeta: {}, xdmEntity: entity },
    });
  const sent = (value: string): IncomingMessage => message('', {}, { value, headers });

  it('have their records applied, as old as the broker says', async () => {
    const id = await dataset(PROFILE);
    const taken = sent(enveloped(id, { imsOrgId: tenant.organisation }, person('ada')));
    await handler.handle([taken]);
    expect(await fragment(id, 'ada')).toMatchObject({ age: taken.timestamp, acceptedAt: taken.timestamp });
    expect(await counts(id)).toMatchObject({ applied: 1, deadLettered: 0 });
  });

  it('have their records counted as accepted, which the gateway has done for its own', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([
      sent(enveloped(id, {}, person('ada'))),
      sent(enveloped(id, {}, {})),
      message(id, person('bob')),
    ]);
    const { text } = await prometheus.exposition();
    const series = text.split('\n').filter((line) => line.startsWith('tessera_accepted_total') && line.includes(id));
    expect(series).toEqual([expect.stringMatching(/ 2$/)]);
    expect(await counts(id)).toMatchObject({ applied: 2, deadLettered: 1 });
  });

  it('are told of each record that is not applied: which, why, and which dead letter has it', async () => {
    const id = await dataset(PROFILE);
    const refused = sent(enveloped(id, {}, { n: 2 ** 60 }));
    await handler.handle([refused, sent(enveloped(id, {}, person('ada')))]);
    await eventually(() => expect(noticesOf(id)).toHaveLength(1));
    const source = { topic: 'records', partition: refused.partition, offset: refused.offset };
    expect(noticesOf(id)).toEqual([
      {
        deadLetterId: deadLetterId(source, refused.timestamp),
        ...tenant,
        datasetId: id,
        reason: 'unsafe-integer',
        faults: ['n', 'identityMap'].map((name) => ({
          path: `/body/xdmEntity/${name}`,
          message: expect.any(String) as string,
        })),
        source,
        acceptedAt: refused.timestamp,
      },
    ]);
    expect(await deadLetters.find(tenant, noticesOf(id)[0]?.deadLetterId ?? '')).not.toBeNull();
  });

  it('are told of the transaction when the record came by the gateway', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([message(id, {})]);
    await eventually(() => expect(noticesOf(id)).toMatchObject([{ reason: 'no-usable-identity', transactionId: 't' }]));
  });

  it('get no notice too large for its topic, however much is wrong', async () => {
    const long = 'x'.repeat(100_000);
    const entity = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`${index}${long.slice(0, 9_000)}`, 2 ** 60]),
    );
    const unknownDataset = sent(enveloped(long, {}, person('ada')));
    const manyFaults = sent(enveloped(await dataset(PROFILE), {}, entity));
    const unknownSandbox = message('', {}, { value: '{', headers: { ...headers, [recordHeaders.sandbox]: long } });
    await handler.handle([unknownDataset, manyFaults, unknownSandbox]);
    await eventually(() => {
      const [unknown] = noticesAbout(unknownDataset);
      const [faulty] = noticesAbout(manyFaults);
      expect(noticesAbout(unknownSandbox)[0]?.sandbox).toHaveLength(501);
      expect(unknown).toMatchObject({ reason: 'malformed-message', faults: [{ path: '/header/datasetId' }] });
      expect(unknown).not.toHaveProperty('datasetId');
      expect(faulty?.faults).toHaveLength(20);
      expect(faulty?.faults[0]?.path.length).toBeLessThanOrEqual(501);
    });
  });

  it('cannot speak for another organisation', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([sent(enveloped(id, { imsOrgId: 'OTHER@TesseraOrg' }, person('ada')))]);
    const { children } = await deadLetters.list(tenant, { datasetId: id }, { start: 0, limit: 10 });
    expect(children).toMatchObject([{ reason: 'malformed-message', faults: [{ path: '/header/imsOrgId' }] }]);
    expect(await fragment(id, 'ada')).toBeNull();
  });

  it('must name the schema of the dataset', async () => {
    const id = await dataset(PROFILE);
    await handler.handle([sent(enveloped(id, { schemaRef: { id: EVENT } }, person('ada')))]);
    const { children } = await deadLetters.list(tenant, { datasetId: id }, { start: 0, limit: 10 });
    expect(children).toMatchObject([{ reason: 'schema-mismatch', faults: [{ path: '/header/schemaRef/id' }] }]);
    expect(await fragment(id, 'ada')).toBeNull();
  });

  it('must say whose the record is; what does not is kept for those who run the platform', async () => {
    const id = await dataset(PROFILE);
    const value = enveloped(id, {}, person('ada'));
    const nobodys = message('', {}, { value, headers: { [recordHeaders.organisation]: tenant.organisation } });
    await handler.handle([nobodys]);
    await eventually(() => expect(noticesAbout(nobodys)).toHaveLength(1));
    const { reason, organisation, sandbox, datasetId } = noticesAbout(nobodys)[0] as RejectionNotice;
    // What the message does say, by which its producer finds it.
    expect({ reason, organisation, sandbox, datasetId }).toEqual({
      reason: 'unknown-tenant',
      organisation: tenant.organisation,
      datasetId: id,
    });
  });

  it('must name a sandbox that is there: what does not is nobody’s, also when one of that name is created', async () => {
    const name = `later-${Date.now()}`;
    const elsewhere = { ...tenant, sandbox: name };
    const stamp = formatStamp({ acceptedAt: 1, position: '0', transactionId: 'tx', requestId: 'r' });
    const value = enveloped('0'.repeat(24), {}, person('ada'));
    const named = { ...headers, [recordHeaders.sandbox]: name };
    const nobodys = [
      message('', {}, { value, headers: { ...named, [recordHeaders.stamp]: stamp } }),
      message('', {}, { value: '{', headers: named }),
    ];
    await handler.handle(nobodys);
    await eventually(() => expect(noticesAbout(...nobodys)).toHaveLength(2));
    for (const notice of noticesAbout(...nobodys)) {
      expect(notice).toMatchObject({
        reason: 'unknown-tenant',
        faults: [{ message: expect.stringContaining(name) as string }],
        ...elsewhere,
      });
    }
    expect(noticesAbout(...nobodys)).toContainEqual(
      expect.objectContaining({ datasetId: '0'.repeat(24), transactionId: 'tx', acceptedAt: 1 }),
    );
    const { totalCount } = await deadLetters.list(elsewhere, {}, { start: 0, limit: 1 });
    expect(totalCount).toBe(0);
    expect(await ledger.counts(elsewhere)).toEqual([]);
    // Counted together: what such messages name has no bounds.
    expect(await database.collection('ledger').distinct('datasetId', { tenant: '' })).toEqual(['']);
  });

  it('find what was wrong with an envelope, or was too large, by the dataset it names', async () => {
    const id = await dataset(PROFILE);
    const header = { datasetId: id, schemaRef: { id: PROFILE } };
    const large = enveloped(id, {}, person('ada', { text: 'x'.repeat(1_100_000) }));
    await handler.handle([sent(JSON.stringify({ header })), sent(large)]);
    const { children } = await deadLetters.list(tenant, { datasetId: id }, { start: 0, limit: 10 });
    expect(children.map(({ reason }) => reason).sort()).toEqual(['malformed-message', 'too-large']);
    expect(await counts(id)).toMatchObject({ deadLettered: 2 });
  });
});
