import type { JsonObject } from '@tessera/contracts';
import { mergeFragments, versionOf, type Fragment } from '@tessera/domain';
import { median, percentile } from '../../load/percentile.js';
import { below, type Row } from '../row.js';

const FRAGMENTS = 50;
const GROUPS = 10;
const FIELDS_OF_A_GROUP = 10;
const WARM_UP = 500;
const TURNS = 2_000;

/** The merge alone, without reading or writing anything: 50 fragments of 100 fields each. */
export const mergeRow: Row = {
  name: 'merge',
  run: () => {
    const fragments = Array.from({ length: FRAGMENTS }, (_, index) => fragment(index));
    const delays: number[] = [];
    for (let turn = -WARM_UP; turn < TURNS; turn++) {
      const start = performance.now();
      mergeFragments(fragments, { type: 'timestampOrdered' });
      if (turn >= 0) delays.push(performance.now() - start);
    }
    const middle = median(delays);
    return Promise.resolve([
      {
        row: 'merge',
        what: `pure merge of ${FRAGMENTS} fragments of ${GROUPS * FIELDS_OF_A_GROUP} fields`,
        unit: 'ms',
        tessera: middle,
        judged: middle,
        target: below(0.5, 'ms'),
        details: { median: middle, p99: percentile(delays, 0.99) },
      },
    ]);
  },
};

/** Half of the fields are each fragment's own, half are in every fragment with another value. */
function fragment(index: number): Fragment {
  const body: JsonObject = {};
  for (let group = 0; group < GROUPS; group++) {
    const fields: JsonObject = {};
    for (let field = 0; field < FIELDS_OF_A_GROUP; field++) {
      fields[group % 2 === 0 ? `field${field}` : `field${field}of${index}`] = `${index} says ${field}`;
    }
    body[`group${group}`] = fields;
  }
  const age = Date.UTC(2024, 0, 1 + index);
  const version = versionOf(age, { acceptedAt: age, position: '000000' });
  return { datasetId: `dataset-${index}`, xid: `xid-${index}`, age, version, body };
}
