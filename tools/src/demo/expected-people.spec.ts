import { expectedPeople, isStitched, mostTelling } from './expected-people.js';
import type { SourceRecord } from './source-records.js';

const record = (
  source: SourceRecord['source'],
  recordId: string,
  socialSecurityId: string,
  lastUpdated: string,
  attributes: SourceRecord['attributes'],
): SourceRecord => ({ source, recordId, socialSecurityId, lastUpdated, attributes });

const ada = record('crm', 'a1', '1', '2024-01-01T00:00:00Z', {
  person: { name: { firstName: 'ada', lastName: 'king' } },
  homeAddress: { city: 'london' },
});
const adaAgain = record('loyalty', 'b1', '1', '2025-01-01T00:00:00Z', {
  person: { name: { firstName: 'adda' } },
  homeAddress: { city: 'london' },
});
const grace = record('loyalty', 'b2', '2', '2025-01-01T00:00:00Z', { person: { name: { firstName: 'grace' } } });

describe('the people expected of the raw data', () => {
  const people = expectedPeople([ada, adaAgain, grace]);

  it('joins records of one social security number and leaves others apart', () => {
    expect(people.map(({ identities }) => [...identities])).toEqual([
      ['febrl_record/a1', 'soc_sec_id/1', 'febrl_record/b1'],
      ['febrl_record/b2', 'soc_sec_id/2'],
    ]);
    expect(people.map(isStitched)).toEqual([true, false]);
  });

  it.each([
    ['as given', [ada, adaAgain]],
    ['turned around', [adaAgain, ada]],
  ])('lets the newest record that has a field win it, with the records %s', (_order, records) => {
    const fields = [...(expectedPeople(records)[0]?.fields ?? [])];
    expect(fields.map(([path, { value, from }]) => [path, value, from.source])).toEqual([
      ['homeAddress.city', 'london', 'loyalty'],
      ['person.name.firstName', 'adda', 'loyalty'],
      ['person.name.lastName', 'king', 'crm'],
    ]);
  });

  it('shows a person of whom both sources win a field and disagree', () => {
    expect(mostTelling(people)).toBe(people[0]);
    expect(() => mostTelling(expectedPeople([ada, grace]))).toThrow('no person');
  });
});
