import type { JsonObject } from '@tessera/contracts';
import type { ExportOrder } from './export-order.js';
import { ExportRows, type ExportedFragment } from './export-row.js';

const output = { batchId: '01B' };

function rowsOf(more: Partial<ExportOrder>): ExportRows {
  return new ExportRows(
    {
      ...{ number: 1, datasetId: 'd', format: 'json', outputs: [output], snapshot: '1.1', people: {} },
      ...{ policy: { graph: 'pdg', attributeMerge: { type: 'timestampOrdered' } }, emptyProfiles: true },
      ...more,
    },
    output,
  );
}

function fragment(body: JsonObject, acceptedAt: number): ExportedFragment {
  return { datasetId: 'd', xid: 'x', age: 1, version: '1', body, acceptedAt };
}

describe('people of whom something was accepted after a time', () => {
  const rows = rowsOf({ people: { acceptedAfter: 4_000 } });

  it('are told by their records where they have a profile', () => {
    expect(rows.profile([fragment({ a: 1 }, 4_000)])).toBeUndefined();
    expect(rows.profile([fragment({ a: 1 }, 4_001)])).toEqual({ entity: { a: 1 } });
  });

  it('are told by their events where nothing was accepted of a profile since', () => {
    expect(rows.profile([])).toEqual({ entity: {}, onlyWithEventAfter: 4_000 });
  });

  it('are not wanted without a profile unless empty profiles are', () => {
    expect(rowsOf({ people: { acceptedAfter: 4_000 }, emptyProfiles: false }).profile([])).toBeUndefined();
    expect(rowsOf({ people: { acceptedAfter: 4_000, segments: [{ segmentId: 's' }] } }).profile([])).toBeUndefined();
  });
});

it('is any event that an empty profile needs where no time is wanted', () => {
  expect(rowsOf({}).profile([])).toEqual({ entity: {}, onlyWithEventAfter: -Infinity });
});
