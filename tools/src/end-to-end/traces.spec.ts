import { eventually, startTraceCollector, type TraceCollector } from '@tessera/testing';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

/** Real: every service as a process, Kafka, MongoDB, Redis. */
describe('the trace of a record', () => {
  let collector: TraceCollector;
  let running: RunningPlatform;

  beforeAll(async () => {
    collector = await startTraceCollector();
    running = await runPlatform({
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_TRACES_SAMPLER_ARG: '0',
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
    });
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await collector?.stop();
  }, 120_000);

  it('leads from its HTTP request through Kafka to the write and the graph, and names nobody', async () => {
    const { client, inletId } = running;
    const message = running.person({
      identityMap: { Email: [{ id: 'traced@example.com', primary: true }], Phone: [{ id: '+4912345' }] },
    });
    await client.expect({
      method: 'POST',
      path: `/collection/${inletId}`,
      body: JSON.stringify(message),
      headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
    });
    const spans = await eventually(
      () => {
        const ofRecord = collector.spans.filter(({ traceId }) => traceId === TRACE);
        const steps = ofRecord.map(({ service, name }) => `${service}: ${name}`);
        expect(steps).toEqual(
          expect.arrayContaining([
            'gateway: POST /collection/:inletId',
            'gateway: send profile.record.v1',
            'ingestion-worker: process profile.record.v1',
            expect.stringMatching(/^ingestion-worker: \w+ fragments$/),
            expect.stringMatching(/^merge-worker: process /),
            expect.stringMatching(/^merge-worker: \w+ identities$/),
          ]),
        );
        return ofRecord;
      },
      { timeout: 60_000 },
    );
    const known = new Set(['00f067aa0ba902b7', ...spans.map(({ spanId }) => spanId)]);
    for (const { parentSpanId } of spans) expect(known.has(parentSpanId ?? '')).toBe(true);
    expect(JSON.stringify(spans)).not.toMatch(/traced@|4912345/);
  });
});
