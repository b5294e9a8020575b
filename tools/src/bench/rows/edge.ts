import { FastClient } from '../../load/fast-client.js';
import { median, summarise } from '../../load/percentile.js';
import { seededRandom } from '../../load/random.js';
import { measureVisibility } from '../../load/visibility.js';
import { projectedTarget } from '../edge-target.js';
import { post, type RecordSource } from '../ingest-load.js';
import { lookUpAtFullLoad, lookUpAtRate } from '../lookup-load.js';
import { READERS, readerName } from '../readers.js';
import { below, noTarget, type Row } from '../row.js';
import type { Target } from '../target.js';

const WARM_UP_SECONDS = 4;
const CHANGES_PER_BODY = 10;
const BODIES_PER_SECOND = 100;
const WATCH_EVERY = 10;

/** Lookups of projections that the edge holds: how many, and how fast at half of that. */
export const edgeRow: Row = {
  name: 'edge',
  run: async (bench) => {
    await bench.prepareReaders();
    const target = await projectedTarget(bench, 'bench-lookup', 'person,source0,source1,identities');
    const random = seededRandom(3);
    const nextPath = () =>
      target.profileLookupPath(readerName(Math.floor(random() * READERS)), Math.floor(random() * 5));
    // Fills what is not held yet.
    await lookUpAtFullLoad(target, nextPath, WARM_UP_SECONDS);
    await bench.rest();
    const { rounds, seconds } = bench.options;
    const full: number[] = [];
    const half: number[] = [];
    for (let round = 0; round < rounds; round++) {
      full.push((await lookUpAtFullLoad(target, nextPath, seconds)).perSecond);
      bench.report(`  edge ${Math.round(full.at(-1) ?? 0)} req/s`);
    }
    for (let round = 0; round < rounds; round++) {
      half.push(...(await lookUpAtRate(target, nextPath, median(full) / 2, seconds)).delays);
    }
    const slow = summarise(half);
    return [
      {
        row: 'edge',
        what: 'lookup of a projection at the edge',
        unit: 'req/s',
        tessera: median(full),
        judged: median(full),
        target: noTarget,
        details: full,
      },
      {
        row: 'edge-p99',
        what: 'the same at half of its own full load, p99',
        unit: 'ms',
        tessera: slow.p99,
        judged: slow.p99,
        target: below(5, 'ms'),
        details: slow,
      },
    ];
  },
};

/** How long after it is sent a record shows in what the edge holds, while 1,000 people a second change. */
export const edgeVisibilityRow: Row = {
  name: 'edge-visibility',
  run: async (bench) => {
    const { Tessera: source } = await bench.records('linked');
    const target = await projectedTarget(bench, 'bench-visibility', 'sequence');
    await bench.rest();
    await measure(target, bench.sides.tessera, source, 3); // Warms up.
    const delays: number[] = [];
    for (let round = 0; round < bench.options.rounds; round++) {
      await bench.rest();
      const measured = await measure(target, bench.sides.tessera, source, bench.options.seconds);
      delays.push(...measured);
      bench.report(`  edge visibility p50 ${summarise(measured).p50.toFixed(1)} ms`);
    }
    const summary = summarise(delays);
    return [
      {
        row: 'edge-visibility-p99',
        what: 'ingest to a proactive edge at 1,000 changes/s, p99',
        unit: 'ms',
        tessera: summary.p99,
        judged: summary.p99,
        target: below(1_000, 'ms'),
        details: summary,
      },
    ];
  },
};

async function measure(edge: Target, gateway: Target, source: RecordSource, seconds: number): Promise<number[]> {
  const [writer, reader] = [new FastClient(gateway.url, 16), new FastClient(edge.url, 32)];
  const headers = { ...gateway.headers, 'content-type': 'application/json' };
  const positions: number[] = [];
  const sequenceOf = async (position: number): Promise<number> => {
    const path = edge.recordLookupPath(source.emailOf(position));
    const { status, text } = await reader.send({ method: 'GET', path, headers: edge.headers });
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text.slice(0, 300)}`);
    return (JSON.parse(text) as { entity: { sequence?: number } }).entity.sequence ?? -1;
  };
  try {
    return await measureVisibility({
      rate: BODIES_PER_SECOND,
      records: BODIES_PER_SECOND * seconds,
      watchEvery: WATCH_EVERY,
      send: async (index) => {
        const position = source.next;
        positions[index] = position;
        const body = source.body(CHANGES_PER_BODY);
        // What is watched is held before it changes: otherwise the first look would fill it, and no push be waited for.
        if (index % WATCH_EVERY === 0) await sequenceOf(position);
        await post(writer, { method: 'POST', path: gateway.batchPath, headers, body });
      },
      isVisible: async (index) => {
        const position = positions[index] as number;
        return (await sequenceOf(position)) >= position;
      },
    });
  } finally {
    writer.close();
    reader.close();
  }
}
