import { expectedFigures, firstSourceMessages, readDemoData, remainingMessages } from './plan.js';

const columns =
  'rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id';
const files = {
  purchases: ' customer_id date number_of_cds dollar_value\n 00002 19970112  1   12.00\n 00001 19970101  1   11.77\n',
  firstSource: `${columns}\nrec-1-org, ada, king, 1, high street, , london, 1000, vic, 18151210, 1111111\n`,
  secondSource: `${columns}\nrec-1-dup-0, adda, , , , , , 1000, , 18151310, 1111111\nrec-2-dup-0, grace, , , , , , 2000, , , 3\n`,
};
const dataSet = (id: string) => ({ id, schemaId: `schema-of-${id}` });
const dataSets = {
  crm: dataSet('crm'),
  loyalty: dataSet('loyalty'),
  purchases: dataSet('purchases'),
  points: dataSet('points'),
};

describe('the plan of the demo', () => {
  const data = readDemoData(files);
  const figures = expectedFigures(data);
  const messages = [...firstSourceMessages(data, dataSets, 'O'), ...remainingMessages(data, dataSets, 'O')];

  it('streams exactly the records its figures count', () => {
    const dead = [...figures.deadLetters.values()].reduce((sum, count) => sum + count, 0);
    expect(messages).toHaveLength(figures.accepted);
    expect(figures.accepted).toBe(
      figures.purchases + figures.fragments + figures.duplicates + figures.superseded + dead,
    );
  });

  it('counts people, customers and those both sources know', () => {
    expect(figures).toMatchObject({ customers: 2, purchases: 2, people: 2, stitched: 1, fragments: 3 });
  });

  it('streams purchases in order of time and repeats some with the same id', () => {
    const ids = messages
      .filter(({ header }) => header.datasetId === 'purchases')
      .flatMap(({ body: { xdmEntity } }) => (typeof xdmEntity['_id'] === 'string' ? [xdmEntity['_id']] : []))
      .filter((id) => id.startsWith('cdnow-'));
    expect(ids).toEqual(['cdnow-00003', 'cdnow-00002', 'cdnow-00003', 'cdnow-00002']);
  });

  it('leaves out a date of birth that no calendar has', () => {
    expect(data.crm[0]?.attributes['person']).toMatchObject({ birthDate: '1815-12-10' });
    expect(data.loyalty[0]?.attributes['person']).not.toHaveProperty('birthDate');
  });

  it('sends late records with an older age than the ones before them', () => {
    const ages = messages
      .filter(({ header, body }) => header.datasetId === 'crm' && body.xdmEntity['person'] !== undefined)
      .map(({ body }) => (body.xdmEntity['extSourceSystemAudit'] as { lastUpdatedDate: string }).lastUpdatedDate);
    expect(ages).toHaveLength(2);
    expect(Date.parse(ages[1] ?? '')).toBeLessThan(Date.parse(ages[0] ?? ''));
  });
});
