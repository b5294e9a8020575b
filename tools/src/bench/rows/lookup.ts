import { median, summarise } from '../../load/percentile.js';
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
    await bench.rest();
    for (let round = 0; round < bench.options.rounds; round++) {
      for (const target of inTurns(bench.sides)) {
        const { perSecond } = await lookUpAtFullLoad(target, nextPath(target), bench.options.seconds);
        full[target.name].push(perSecond);
        bench.report(`  lookup ${target.name} ${Math.round(perSecond)} req/s`);
      }
    }
    for (let round = 0; round < bench.options.rounds; round++) {
      for (const target of inTurns(bench.sides)) {
        const rate = median(full[target.name]) / 2;
        const { delays } = await lookUpAtRate(target, nextPath(target), rate, bench.options.seconds);
        half[target.name].push(...delays);
      }
    }
    const [tessera, baseline] = [median(full.Tessera), median(full.baseline)];
    const slow = { baseline: summarise(half.baseline), Tessera: summarise(half.Tessera) };
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
        tessera: slow.Tessera.p99,
        baseline: slow.baseline.p99,
        judged: slow.Tessera.p99,
        target: below(15, 'ms'),
        details: slow,
      },
    ];
  },
};
