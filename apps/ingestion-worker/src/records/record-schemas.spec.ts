import type { JsonObject } from '@tessera/contracts';
import { xidOf } from '@tessera/domain';
import type { EventDocument, RegistryChange, StoredDescriptor, StoredSchema } from '@tessera/stores';
import { EVENT, handlerBench, PROFILE } from './record-handler.fixture.js';
import type { RecordHandler } from './record.handler.js';

/** Real: MongoDB and Kafka. */
describe('records of a sandbox’s own schema', () => {
  const bench = handlerBench();
  const { tenant, database, schemas, deadLetters, dataset, message, bodyOf, fragment, counts } = bench;
  let handler: RecordHandler;
  let made = 0;

  beforeAll(async () => {
    await bench.open();
    handler = bench.newHandler();
  });
  afterAll(() => bench.close());

  const change = async (what: RegistryChange): Promise<void> => {
    expect(await schemas.change(tenant, await schemas.revision(tenant), what)).toBe(true);
  };
  const schemaOf = (document: JsonObject, classId = PROFILE): StoredSchema => ({
    id: `https://ns.tessera.dev/t/schemas/${(made += 1)}`,
    altId: `_t.schemas.${made}`,
    tenant,
    classId,
    title: 'T',
    enabled: true,
    version: '1.0',
    created: made,
    updated: made,
    createdClient: 'c',
    document: { 'meta:class': classId, ...document },
  });
  const identityOf = (
    { id }: StoredSchema,
    property: string,
    namespace: string,
    isPrimary = false,
  ): StoredDescriptor => ({
    id: `descriptor-${(made += 1)}`,
    tenant,
    schemaId: id,
    namespace,
    isPrimary,
    created: made,
    document: { 'xdm:sourceProperty': property, 'xdm:isPrimary': isPrimary },
  });
  const faultsIn = async (datasetId: string) => {
    const { children } = await deadLetters.list(tenant, { datasetId }, { start: 0, limit: 10 });
    return children.map(({ reason, faults }) => ({ reason, paths: faults.map(({ path }) => path) }));
  };

  it('are stored under the identity that a descriptor names, found by the others, and show all of them', async () => {
    const schema = schemaOf({ properties: { mail: { type: 'string' }, phone: { type: 'string' } } });
    const descriptors = [identityOf(schema, '/mail', 'Email', true), identityOf(schema, '/phone', 'Phone')];
    await change({ schemas: [schema], descriptors });
    const id = await dataset(schema.id);
    await handler.handle([message(id, { mail: 'ada', phone: '+491', city: 'Paris' })]);
    expect(await bodyOf(id, 'ada')).toEqual({
      identityMap: { email: [{ id: 'ada', primary: true }], phone: [{ id: '+491' }] },
      mail: 'ada',
      phone: '+491',
      city: 'Paris',
    });
    expect((await fragment(id, 'ada'))?.xid).toBe(xidOf(tenant, 'Email', 'ada'));
  });

  it('that do not keep to it become dead letters with every fault, and their neighbours are applied', async () => {
    const schema = schemaOf({ required: ['name'], properties: { points: { type: 'integer' } } });
    await change({ schemas: [schema] });
    const id = await dataset(schema.id);
    await handler.handle([
      message(id, bench.person('good', { name: 'Ada', points: 1 })),
      message(id, bench.person('bad', { points: 'many' })),
    ]);
    expect(await counts(id)).toMatchObject({ applied: 1, deadLettered: 1 });
    expect(await faultsIn(id)).toEqual([
      { reason: 'schema-mismatch', paths: ['/body/xdmEntity/name', '/body/xdmEntity/points'] },
    ]);
  });

  it('may leave out what a partial one does not change, and clear what is not required of it', async () => {
    const schema = schemaOf({
      required: ['name'],
      properties: { name: { type: 'string' }, points: { type: 'integer' } },
    });
    await change({ schemas: [schema] });
    const id = await dataset(schema.id, { upsert: true });
    await handler.handle([message(id, bench.person('ada', { name: 'Ada', points: 3 }))]);
    await handler.handle([message(id, bench.person('ada', { points: null }), { operation: 'merge' })]);
    await handler.handle([message(id, bench.person('ada', { points: 'x' }), { operation: 'merge' })]);
    expect(await bodyOf(id, 'ada')).toMatchObject({ name: 'Ada' });
    expect(await bodyOf(id, 'ada')).not.toHaveProperty('points');
    expect(await faultsIn(id)).toEqual([{ reason: 'schema-mismatch', paths: ['/body/xdmEntity/points'] }]);
  });

  it('are removed by the identity in their field alone', async () => {
    const schema = schemaOf({ required: ['name'], properties: { mail: { type: 'string' } } });
    await change({ schemas: [schema], descriptors: [identityOf(schema, '/mail', 'Email', true)] });
    const id = await dataset(schema.id);
    await handler.handle([message(id, { mail: 'ada', name: 'Ada' })]);
    await handler.handle([message(id, { mail: 'ada' }, { operation: 'delete' })]);
    expect(await fragment(id, 'ada')).toMatchObject({ deleted: true });
  });

  it('follow every change of the schema from the moment it is made', async () => {
    const schema = schemaOf({ properties: { points: { type: 'integer' } } });
    await change({ schemas: [schema] });
    const id = await dataset(schema.id);
    const send = () => handler.handle([message(id, bench.person('ada', { points: 'many' }))]);
    await send();
    await change({ schemas: [{ ...schema, version: '1.1', document: { 'meta:class': PROFILE } }] });
    await send();
    expect(await counts(id)).toMatchObject({ applied: 1, deadLettered: 1 });
    await change({ deletedSchemas: [schema.id] });
    await send();
    expect(await counts(id)).toMatchObject({ applied: 1, deadLettered: 2 });
  });

  it('cannot stall the worker by a pattern that would backtrack', async () => {
    const schema = schemaOf({ properties: { code: { type: 'string', pattern: '^(a+)+$' } } });
    await change({ schemas: [schema] });
    const id = await dataset(schema.id);
    await handler.handle([message(id, bench.person('ada', { code: `${'a'.repeat(50_000)}!` }))]);
    expect(await faultsIn(id)).toEqual([{ reason: 'schema-mismatch', paths: ['/body/xdmEntity/code'] }]);
  });

  it('of events are stored under the identities of their fields', async () => {
    const schema = schemaOf({ properties: { mail: { type: 'string' } } }, EVENT);
    await change({ schemas: [schema], descriptors: [identityOf(schema, '/mail', 'Email')] });
    const id = await dataset(schema.id, { behavior: 'time-series' });
    await handler.handle([message(id, { _id: 'e1', timestamp: '2026-01-01T00:00:00Z', mail: 'ada' })]);
    const stored = await database.collection<EventDocument>('events').findOne({ _id: `${id}.e1` });
    expect(stored?.xids).toEqual([xidOf(tenant, 'email', 'ada')]);
  });

  it('of another sandbox mean nothing here', async () => {
    const schema = schemaOf({});
    await schemas.change({ ...tenant, sandbox: 'other' }, 0, {
      schemas: [{ ...schema, tenant: { ...tenant, sandbox: 'other' } }],
    });
    const id = await dataset(schema.id);
    await handler.handle([message(id, bench.person('ada'))]);
    expect(await faultsIn(id)).toEqual([{ reason: 'schema-mismatch', paths: ['/header/schemaRef/id'] }]);
  });
});
