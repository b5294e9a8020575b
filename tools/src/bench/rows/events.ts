import { builtInSchemas, recordMessage } from '../../client/record-message.js';
import { settledRecords, waitUntilApplied } from '../../load/settle.js';
import { streamBatches } from '../../load/stream-batches.js';
import type { Bench } from '../environment.js';
import { upTo, type Row } from '../row.js';
import { takeTurns } from '../take-turns.js';

const FEW = 100;
const MANY = 10_000;
const PAGE = 100;
const TURNS_A_ROUND = 100;
const FIRST_EVENT = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

const busy = { namespace: 'Email', id: 'busy@example.com' };
const calm = { namespace: 'Email', id: 'calm@example.com' };

/** A page of a person with 10,000 events against one of a person with 100: the first page, and one from the middle. */
export const eventsRow: Row = {
  name: 'events',
  run: async (bench) => {
    await streamEvents(bench);
    const { client } = bench;
    const works = {
      calm: () => client.events(calm, PAGE),
      first: () => client.events(busy, PAGE),
      middle: () => client.events(busy, PAGE, FIRST_EVENT + (MANY / 2) * MINUTE),
    };
    const medians = await takeTurns(works, { warmUp: 20, turns: TURNS_A_ROUND * bench.options.rounds });
    return (['first', 'middle'] as const).map((page) => ({
      row: `events-${page}-page`,
      what: `${page} page of 100 of ${MANY} events against one of ${FEW}`,
      unit: '×',
      tessera: medians[page] / medians.calm,
      judged: medians[page] / medians.calm,
      target: upTo(1.5, '×'),
      details: { medianMilliseconds: medians },
    }));
  },
};

async function streamEvents({ client, inletId }: Bench): Promise<void> {
  const dataSet = await client.createDataSet('Benchmark events', builtInSchemas.event);
  const before = settledRecords(await client.counters());
  const messages = [busy, calm].flatMap(({ namespace, id }) =>
    Array.from({ length: id === busy.id ? MANY : FEW }, (_, index) =>
      recordMessage(dataSet, client.organisation, {
        _id: `${id}-${index}`,
        timestamp: new Date(FIRST_EVENT + index * MINUTE).toISOString(),
        eventType: 'web.webpagedetails.pageViews',
        identityMap: { [namespace]: [{ id, primary: true }] },
        web: { webPageDetails: { name: `Page ${index}`, URL: `https://shop.example.com/items/${index}` } },
      }),
    ),
  );
  const { accepted } = await streamBatches(client, inletId, messages, { batchSize: 100, inFlight: 4 });
  await waitUntilApplied(client, before + accepted);
}
