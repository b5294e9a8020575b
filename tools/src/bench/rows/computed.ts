import { setTimeout as delay } from 'node:timers/promises';
import { builtInSchemas, recordMessage, type DataSetReference } from '../../client/record-message.js';
import type { TesseraClient } from '../../client/tessera-client.js';
import { FastClient } from '../../load/fast-client.js';
import { summarise } from '../../load/percentile.js';
import { measureVisibility } from '../../load/visibility.js';
import { post } from '../ingest-load.js';
import { below, type Row } from '../row.js';
import type { Target } from '../target.js';

const ATTRIBUTES = '/data/core/ca/attributes';
const EVENTS_PER_BODY = 10;
const BODIES_PER_SECOND = 50;
const WATCH_EVERY = 5;
const PEOPLE = 2_000;

/** Of several kinds, since each event changes all of them; the first is watched. */
const expressions: Readonly<Record<string, string>> = {
  benchNewest: 'xEvent[kind = "bench"].sequence.max()',
  benchSpent: 'xEvent[kind = "bench"].total.sum()',
  benchOrders: 'xEvent[kind = "bench"].count()',
  benchLast: 'xEvent.topN(timestamp, 1).map({"timestamp": timestamp, "value": total}).head()',
  benchShops: 'xEvent.shop.distinct()',
};

/** How long after an event is sent a lookup shows what it made of a computed attribute, while 500 events a second arrive. */
export const computedRow: Row = {
  name: 'computed',
  run: async (bench) => {
    const { client, options } = bench;
    const dataSet = await client.createDataSet('Benchmark of computed attributes', builtInSchemas.event);
    const ids = await publish(client);
    const source = new EventSource(client.organisation, dataSet);
    await measure(bench.sides.tessera, source, 3); // Warms up.
    const delays: number[] = [];
    for (let round = 0; round < options.rounds; round++) {
      await bench.rest();
      const measured = await measure(bench.sides.tessera, source, options.seconds);
      delays.push(...measured);
      bench.report(`  computed p50 ${summarise(measured).p50.toFixed(1)} ms`);
    }
    for (const id of ids) await change(client, id, { status: 'DISABLED' });
    const summary = summarise(delays);
    return (['p50', 'p99'] as const).map((percentile) => ({
      row: `computed-${percentile}`,
      what: `event to computed attribute at ${EVENTS_PER_BODY * BODIES_PER_SECOND} events/s, ${percentile}`,
      unit: 'ms',
      tessera: summary[percentile],
      judged: summary[percentile],
      target: below(1_000, 'ms'),
      details: summary,
    }));
  },
};

/** Events of the same people in turn, each with the next number. */
class EventSource {
  next = 0;

  constructor(
    private readonly organisation: string,
    private readonly dataSet: DataSetReference,
  ) {}

  body(events: number): string {
    const messages = Array.from({ length: events }, () => this.message());
    return JSON.stringify({ messages });
  }

  emailOf(sequence: number): string {
    return `computed-${sequence % PEOPLE}@example.com`;
  }

  private message() {
    const sequence = this.next;
    this.next += 1;
    return recordMessage(this.dataSet, this.organisation, {
      _id: `computed-${sequence}`,
      timestamp: new Date().toISOString(),
      identityMap: { Email: [{ id: this.emailOf(sequence), primary: true }] },
      kind: 'bench',
      sequence,
      total: (sequence % 500) / 10,
      shop: `shop-${sequence % 7}`,
    });
  }
}

async function publish(client: TesseraClient): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [name, value] of Object.entries(expressions)) {
    const expression = { type: 'PQL', format: 'pql/text', value };
    const body = JSON.stringify({ name, expression, duration: { count: 7, unit: 'DAYS' }, status: 'NEW' });
    ids.push((await client.expect<{ id: string }>({ method: 'POST', path: ATTRIBUTES, body })).id);
  }
  for (const id of ids) {
    const isProcessed = async () => {
      const { status } = await client.expect<{ status: string }>({ method: 'GET', path: `${ATTRIBUTES}/${id}` });
      if (status === 'FAILED') throw new Error(`The computed attribute ${id} could not be evaluated.`);
      return status === 'PROCESSED';
    };
    while (!(await isProcessed())) await delay(200);
  }
  return ids;
}

async function change(client: TesseraClient, id: string, body: object): Promise<void> {
  await client.expect({ method: 'PATCH', path: `${ATTRIBUTES}/${id}`, body: JSON.stringify(body) });
}

async function measure(target: Target, source: EventSource, seconds: number): Promise<number[]> {
  const [writer, reader] = [new FastClient(target.url, 16), new FastClient(target.url, 32)];
  const headers = { ...target.headers, 'content-type': 'application/json' };
  const sequences: number[] = [];
  try {
    return await measureVisibility({
      rate: BODIES_PER_SECOND,
      records: BODIES_PER_SECOND * seconds,
      watchEvery: WATCH_EVERY,
      send: async (index) => {
        sequences[index] = source.next;
        const body = source.body(EVENTS_PER_BODY);
        await post(writer, { method: 'POST', path: target.batchPath, headers, body });
      },
      isVisible: async (index) => {
        const sequence = sequences[index] as number;
        return (await newest(reader, target, source.emailOf(sequence))) >= sequence;
      },
    });
  } finally {
    writer.close();
    reader.close();
  }
}

interface Profile {
  readonly entity: { readonly _tessera?: { readonly ComputedAttributes: { readonly benchNewest?: number } } };
}

async function newest(reader: FastClient, target: Target, email: string): Promise<number> {
  const query = new URLSearchParams({
    'schema.name': '_xdm.context.profile',
    entityId: email,
    entityIdNS: 'Email',
    withCA: 'true',
  });
  const path = `/data/core/ups/access/entities?${query.toString()}`;
  const { status, text } = await reader.send({ method: 'GET', path, headers: target.headers });
  if (status === 404) return -1;
  if (status !== 200) throw new Error(`${path} answered ${status}: ${text.slice(0, 300)}`);
  const [profile] = Object.values(JSON.parse(text) as Record<string, Profile>);
  return profile?.entity._tessera?.ComputedAttributes.benchNewest ?? -1;
}
