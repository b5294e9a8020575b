import type { JsonObject } from '@tessera/contracts';
import { mergeFragments, versionOf, type Fragment } from '@tessera/domain';
import { median, percentile } from '../../load/percentile.js';
import { below, noTarget, type Row, type RowResult } from '../row.js';

const FRAGMENTS = 50;
const GROUPS = 10;
const FIELDS_OF_A_GROUP = 10;
const WARM_UP = 500;
const TURNS = 2_000;

/** The merge alone, without reading or writing anything: 50 fragments of 100 fields each. */
export const mergeRow: Row = {
  name: 'merge',
  run: () =>
    Promise.resolve([
      line('merge', 'of the same 100 fields', 0),
      line('merge-own-fields', 'of 100, half its own', GROUPS / 2),
    ]),
};

function line(row: string, shape: string, ownGroups: number): RowResult {
  const fragments = Array.from({ length: FRAGMENTS }, (_, index) => fragment(index, ownGroups));
  const delays: number[] = [];
  for (let turn = -WARM_UP; turn < TURNS; turn++) {
    const start = performance.now();
    mergeFragments(fragments, { type: 'timestampOrdered' });
    if (turn >= 0) delays.push(performance.now() - start);
  }
  const middle = median(delays);
  return {
    row,
    what: `pure merge of ${FRAGMENTS} fragments ${shape}`,
    unit: 'ms',
    tessera: middle,
    judged: middle,
    target: ownGroups === 0 ? below(0.5, 'ms') : noTarget,
    details: { median: middle, p99: percentile(delays, 0.99) },
  };
}

/** Every fragment has a value of its own for each field; the fields of `ownGroups` groups are in no other fragment. */
function fragment(index: number, ownGroups: number): Fragment {
  const body: JsonObject = {};
  for (let group = 0; group < GROUPS; group++) {
    const fields: JsonObject = {};
    for (let field = 0; field < FIELDS_OF_A_GROUP; field++) {
      fields[group < ownGroups ? `field${field}of${index}` : `field${field}`] = `${index} says ${field}`;
    }
    body[`group${group}`] = fields;
  }
  const age = Date.UTC(2024, 0, 1 + index);
  const version = versionOf(age, { acceptedAt: age, position: '000000' });
  return { datasetId: `dataset-${index}`, xid: `xid-${index}`, age, version, body };
}
