import { randomUUID } from 'node:crypto';
import { xidOf } from '@tessera/domain';
import { PqlProgram } from '@tessera/pql';
import { AttributePrograms, ComputedAttributeReader, ComputedAttributeStore, FiguresCalculator } from '@tessera/stores';
import { EVENT, handlerBench } from './record-handler.fixture.js';

/** Real: Kafka and MongoDB; no merge worker. */
describe('events that computed attributes are counted from', () => {
  const bench = handlerBench();
  const { tenant, database, dataset, message, person } = bench;
  const attributes = new ComputedAttributeStore(database);
  const member = xidOf(tenant, 'email', 'ada');

  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  const count = async () => {
    const values = await new ComputedAttributeReader(database).valuesOf(tenant, [
      { clusterId: 'ada', members: [member] },
    ]);
    return values.get('ada')?.['times'];
  };

  it('show as soon as they are stored, before anybody has counted them', async () => {
    const { mergeFunction, xdmType } = new PqlProgram('xEvent.count()');
    await attributes.insert({
      id: randomUUID(),
      tenant,
      name: 'times',
      displayName: 'times',
      description: '',
      createdBy: 'test',
      expression: 'xEvent.count()',
      countedAs: randomUUID(),
      duration: { count: 7, unit: 'DAYS' },
      status: 'PROCESSED',
      mergeFunction,
      xdmType,
      keepCurrent: false,
      createdAt: 1,
      updatedAt: 1,
    });
    const id = await dataset(EVENT);
    const handler = bench.newHandler();
    const happen = (name: string) =>
      handler.handle([message(id, person('ada', { _id: name, timestamp: new Date().toISOString() }))]);
    await happen('first');
    expect(await count()).toBe(1);
    const figures = await database.collection<{ _id: string; tenant: string }>('computed_figures').find().toArray();
    const calculator = new FiguresCalculator(database, attributes, new AttributePrograms());
    await calculator.calculate(
      tenant,
      figures.map(({ _id }) => _id),
    );
    await happen('second');
    expect(await count()).toBe(2);
  });
});
