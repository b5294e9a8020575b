import { startTraceCollector, type CollectedSpan } from '@tessera/testing';
import {
  beginRequest,
  beginSending,
  createLogger,
  followTraces,
  startTracing,
  traceOperation,
  TRACEPARENT,
  type TracingOptions,
} from './index.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const header = `00-${TRACE}-00f067aa0ba902b7-01`;

/** Runs `work` traced. @returns what the collector was told. */
async function tracesOf(work: () => unknown, more: Partial<TracingOptions> = {}): Promise<CollectedSpan[]> {
  const collector = await startTraceCollector();
  const tracing = startTracing({ service: 'test', endpoint: collector.url, ratio: 1, ...more });
  try {
    await work();
  } finally {
    await tracing.close();
    await collector.stop();
  }
  return [...collector.spans];
}

describe('tracing', () => {
  it('continues the trace that a client brings, and ends each step with its outcome', async () => {
    const spans = await tracesOf(() => {
      const request = beginRequest('GET /x', { [TRACEPARENT]: header }, { 'http.route': '/x' });
      request?.end({ attributes: { 'http.response.status_code': 503 }, failed: true });
    });
    expect(spans).toEqual([
      expect.objectContaining({
        service: 'test',
        name: 'GET /x',
        traceId: TRACE,
        parentSpanId: '00f067aa0ba902b7',
        failed: true,
        attributes: { 'http.route': '/x', 'http.response.status_code': 503 },
      }),
    ]);
  });

  it.each(['', 'nonsense', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`])(
    'begins a trace of its own for the header %p',
    async (given) => {
      const [span] = await tracesOf(() => beginRequest('GET /x', { [TRACEPARENT]: given }, {})?.end());
      expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(span?.parentSpanId ?? '').toBe('');
    },
  );

  it('follows a message from its request to the store', async () => {
    const spans = await tracesOf(async () => {
      const request = beginRequest('POST /x', {}, {});
      const sending = request?.run(() => beginSending('topic'));
      const sent = sending?.headers();
      sending?.end();
      request?.end();
      await followTraces(
        'process topic',
        () => [undefined, sent?.[TRACEPARENT]],
        {},
        () => traceOperation('things', 'update', Promise.resolve()),
      );
    });
    const byName = new Map(spans.map((span) => [span.name, span]));
    const names = ['POST /x', 'send topic', 'process topic', 'update things'];
    expect([...byName.keys()].sort()).toEqual(names.toSorted());
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    for (const [index, name] of names.entries()) {
      expect(byName.get(name)?.parentSpanId ?? '').toBe(byName.get(names[index - 1] ?? '')?.spanId ?? '');
    }
  });

  it('makes one handled batch a step of every trace in it, and says so when the batch fails', async () => {
    const parents = ['a', 'b'].map((digit) => `00-${digit.repeat(32)}-00f067aa0ba902b7-01`);
    const spans = await tracesOf(() =>
      followTraces(
        'process topic',
        () => [...parents, ...parents],
        {},
        () => Promise.reject(new Error('down')),
      ).catch(() => undefined),
    );
    expect(spans.map(({ traceId, failed }) => ({ traceId, failed }))).toEqual(
      ['a', 'b'].map((digit) => ({ traceId: digit.repeat(32), failed: true })),
    );
  });

  it('leaves out what the client does not want sampled, and begins no trace where the share is 0', async () => {
    const spans = await tracesOf(
      async () => {
        const unwanted = { [TRACEPARENT]: header.replace(/01$/, '00') };
        expect(beginRequest('GET /x', unwanted, {})).toBeUndefined();
        expect(beginRequest('GET /x', {}, {})).toBeUndefined();
        expect(
          await followTraces(
            'process topic',
            () => [unwanted[TRACEPARENT]],
            {},
            () => Promise.resolve(1),
          ),
        ).toBe(1);
      },
      { ratio: 0 },
    );
    expect(spans).toEqual([]);
  });

  it('writes the trace into the lines logged within it', async () => {
    const lines: string[] = [];
    await tracesOf(() => {
      const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
      logger.info('outside');
      const request = beginRequest('GET /x', { [TRACEPARENT]: header }, {});
      request?.run(() => logger.info('inside'));
      request?.end();
    });
    expect(lines.map((line) => (JSON.parse(line) as { traceId?: string }).traceId)).toEqual([undefined, TRACE]);
  });

  it('does nothing without a collector', async () => {
    const tracing = startTracing({ service: 'test', endpoint: undefined, ratio: 1 });
    expect(beginRequest('GET /x', { [TRACEPARENT]: header }, {})).toBeUndefined();
    expect(beginSending('topic')).toBeUndefined();
    expect(await traceOperation('things', 'update', Promise.resolve('kept'))).toBe('kept');
    await tracing.close();
  });
});
