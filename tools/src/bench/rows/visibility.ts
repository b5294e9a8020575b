import { FastClient } from '../../load/fast-client.js';
import { summarise } from '../../load/percentile.js';
import { measureVisibility } from '../../load/visibility.js';
import { post, visibleSequence, type RecordSource } from '../ingest-load.js';
import { below, type Row } from '../row.js';
import { inTurns, type Target } from '../target.js';
import { WARM_UP_SECONDS } from '../warm-up.js';

const RATE = 200;
const WATCH_EVERY = 20;

/** How long after it is sent a record shows in a lookup, while 200 single records a second arrive. */
export const visibilityRow: Row = {
  name: 'visibility',
  run: async (bench) => {
    const sources = await bench.records('linked');
    const delays = { baseline: [] as number[], Tessera: [] as number[] };
    for (const target of inTurns(bench.sides)) {
      await bench.rest();
      await measure(target, sources[target.name], RATE * WARM_UP_SECONDS);
    }
    for (let round = 0; round < bench.options.rounds; round++) {
      for (const target of inTurns(bench.sides)) {
        await bench.rest();
        const measured = await measure(target, sources[target.name], RATE * bench.options.seconds);
        delays[target.name].push(...measured);
        bench.report(`  visibility ${target.name} p50 ${summarise(measured).p50.toFixed(1)} ms`);
      }
    }
    const [tessera, baseline] = [summarise(delays.Tessera), summarise(delays.baseline)];
    const line = (percentile: 'p50' | 'p99', limit: number) => ({
      row: `visibility-${percentile}`,
      what: `ingest to visible at ${RATE} records/s, ${percentile}`,
      unit: 'ms',
      tessera: tessera[percentile],
      baseline: baseline[percentile],
      judged: tessera[percentile],
      target: below(limit, 'ms'),
      details: { tessera, baseline },
    });
    return [line('p50', 50), line('p99', 250)];
  },
};

async function measure(target: Target, source: RecordSource, records: number): Promise<number[]> {
  const client = new FastClient(target.url, 32);
  const headers = { ...target.headers, 'content-type': 'application/json' };
  const positions: number[] = [];
  try {
    return await measureVisibility({
      rate: RATE,
      records,
      watchEvery: WATCH_EVERY,
      send: async (index) => {
        positions[index] = source.next;
        await post(client, { method: 'POST', path: target.recordPath, headers, body: source.body(1) });
      },
      isVisible: async (index) => {
        const position = positions[index] as number;
        return (await visibleSequence(client, target, source.emailOf(position))) >= position;
      },
    });
  } finally {
    client.close();
  }
}
