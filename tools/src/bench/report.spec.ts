import { reportOf, tableOf } from './report.js';
import { atLeastShare, below, noTarget, type RowResult } from './row.js';

const options = { only: undefined, rounds: 1, seconds: 1, report: 'report.json', help: false };
const row = (changes: Partial<RowResult>): RowResult => ({
  row: 'row',
  what: 'something',
  unit: 'records/s',
  tessera: 1,
  judged: 1,
  target: noTarget,
  details: {},
  ...changes,
});

describe('the report of the benchmark', () => {
  it('says which targets were met', () => {
    const { rows } = reportOf(
      options,
      [
        row({ judged: 0.7, target: atLeastShare(0.7) }),
        row({ judged: 0.69, target: atLeastShare(0.7) }),
        row({ judged: 15, target: below(15, 'ms') }),
      ],
      new Map(),
    );
    expect(rows.map(({ met }) => met)).toEqual([true, false, false]);
    expect(rows[0]?.target).toBe('≥ 70 % of the baseline');
  });

  it('shows figures beside those of the baseline, and memory below them', () => {
    const peaks = new Map([
      ['gateway-1', 209_715_200],
      ['merge-worker-1', 419_430_400],
    ]);
    const report = reportOf(options, [row({ what: 'ingest', tessera: 8_000, baseline: 10_000, judged: 0.8 })], peaks);
    const [, ingest, gateway, worker] = tableOf(report).split('\n');
    expect(ingest).toMatch(/^ingest +8,000 records\/s +10,000 +80 %$/);
    expect(gateway).toMatch(/^memory of gateway-1, most +200 MiB +< 400 MB +met$/);
    expect(worker).toMatch(/400 MiB +< 400 MB +missed$/);
  });
});
