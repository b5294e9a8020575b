import type { JsonObject } from '@tessera/contracts';

/** Rows of made-up people. Every tenth is a further record of the person before, so that there is something to stitch. */
export function* personRows(rows: number): Generator<JsonObject, void, undefined> {
  for (let row = 0; row < rows; row += 1) yield personRow(row);
}

/** The same row for the same number. */
export function personRow(row: number): JsonObject {
  const person = row % 10 === 9 ? row - 1 : row;
  return {
    identityMap: {
      Email: [{ id: `person${person}@example.com`, primary: true }],
      ...(row % 2 === 0
        ? { Phone: [{ id: `+49${String(1_000_000 + person).padStart(10, '0')}`, primary: false }] }
        : {}),
    },
    person: {
      name: { firstName: `First${person % 4_999}`, lastName: `Last${person % 70_001}` },
      birthDate: new Date(86_400_000 * (person % 18_000)).toISOString().slice(0, 10),
    },
    homeAddress: { city: `City ${person % 997}`, postalCode: String(10_000 + (person % 89_999)) },
    loyalty: { points: (row * 7) % 100_000, tier: ['bronze', 'silver', 'gold'][row % 3] ?? 'gold' },
    note: `${`What is known about person ${person}, row ${row}. `.repeat(6)}`,
  };
}

/** The columns of the same rows in CSV, as paths. */
export const csvColumns = [
  'identityMap.Email[0].id',
  'identityMap.Email[0].primary',
  'identityMap.Phone[0].id',
  'person.name.firstName',
  'person.name.lastName',
  'person.birthDate',
  'homeAddress.city',
  'homeAddress.postalCode',
  'loyalty.points',
  'loyalty.tier',
  'note',
] as const;
