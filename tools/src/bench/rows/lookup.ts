import { median, percentile } from '../../load/percentile.js';
import { seededRandom } from '../../load/random.js';
import { lookUpAtFullLoad, lookUpAtRate } from '../lookup-load.js';
import { READERS, readerName } from '../readers.js';
import { atLeastShare, below, type Row } from '../row.js';
import { inTurns, type Target } from '../target.js';

const WARM_UP_SECONDS = 2;

/** Lookups of one merged profile with five fragments and five identities: how many, and how fast at half of that. */
export const lookupRow: Row = {
  name: 'lookup',
  run: async (bench) => {
    await bench.prepareReaders();
    const random = seededRandom(2);
    const nextPath = (target: Target) => () =>
      target.profileLookupPath(readerName(Math.floor(random() * READERS)), Math.floor(random() * 5));
    for (const target of inTurns(bench.sides)) await lookUpAtFullLoad(target, nextPath(target), WARM_UP_SECONDS);
    const full = { baseline: [] as number[], Tessera: [] as number[] };
    const half = { baseline: [] as number[], Tessera: [] as number[] };
    for (let round = 0; round < bench.options.rounds; round++) {
      for (const target of inTurns(bench.sides)) {
        const { perSecond } = await lookUpAtFullLoad(target, nextPath(target), bench.options.seconds);
        const { delays } = await lookUpAtRate(target, nextPath(target), perSecond / 2, bench.options.seconds);
        full[target.name].push(perSecond);
        half[target.name].push(percentile(delays, 0.99));
        bench.report(`  lookup ${target.name} ${Math.round(perSecond)} req/s`);
      }
    }
    const [tessera, baseline] = [median(full.Tessera), median(full.baseline)];
    const slowest = median(half.Tessera);
    return [
      {
        row: 'lookup',
        what: 'lookup of a profile, 5 fragments, 5 identities',
        unit: 'req/s',
        tessera,
        baseline,
        judged: tessera / baseline,
        target: atLeastShare(0.6),
        details: full,
      },
      {
        row: 'lookup-p99',
        what: 'the same at half of its own full load, p99',
        unit: 'ms',
        tessera: slowest,
        baseline: median(half.baseline),
        judged: slowest,
        target: below(15, 'ms'),
        details: half,
      },
    ];
  },
};
