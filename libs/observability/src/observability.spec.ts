import { createLogger, hashedForLog, Metrics } from './index.js';

function linesOf(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLogger('gateway', 'info', { write: (line: string) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('logger', () => {
  it('writes one JSON line with level, service and fields', () => {
    const [line] = linesOf((logger) => logger.warn({ requestId: 'r-1', organisation: 'O' }, 'slow'));
    expect(line).toMatchObject({ level: 'warn', service: 'gateway', requestId: 'r-1', message: 'slow' });
    expect(new Date(String(line?.['time'])).getTime()).toBeGreaterThan(0);
  });

  it('keeps secrets out, wherever in the fields they are', () => {
    const fields = {
      authorization: 'Bearer secret-1',
      headers: { authorization: 'Bearer secret-2' },
      request: { body: { client_secret: 'secret-3' } },
    };
    expect(JSON.stringify(linesOf((logger) => logger.info(fields, 'request')))).not.toContain('secret-');
  });

  it('drops lines below its level', () => {
    expect(linesOf((logger) => logger.debug('detail'))).toEqual([]);
  });

  it('shows an identity only as a hash that is the same each time', () => {
    expect(hashedForLog('ada@example.com')).toBe(hashedForLog('ada@example.com'));
    expect(hashedForLog('ada@example.com')).not.toContain('ada');
    expect(hashedForLog('ada@example.com')).not.toBe(hashedForLog('bob@example.com'));
  });
});

describe('metrics', () => {
  it('exposes what was counted, with its labels and the service', async () => {
    const metrics = new Metrics('gateway');
    const accepted = metrics.counter({ name: 'tessera_accepted_total', help: 'Accepted.', labels: ['dataset'] });
    accepted.inc({ dataset: 'd1' }, 3);
    const { text, contentType } = await metrics.exposition();
    expect(text).toContain('tessera_accepted_total{dataset="d1",service="gateway"} 3');
    expect(contentType).toMatch(/^text\/plain/);
  });

  it('exposes the delay of the event loop', async () => {
    expect((await new Metrics('edge').exposition()).text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('asks a gauge for its value at each scrape', async () => {
    const metrics = new Metrics('gateway');
    let depth = 1;
    metrics.gauge({ name: 'tessera_depth', help: 'Depth.', collect: (gauge) => gauge.set(depth) });
    depth = 7;
    expect((await metrics.exposition()).text).toContain('tessera_depth{service="gateway"} 7');
  });

  it('counts a duration into its bucket', async () => {
    const metrics = new Metrics('gateway');
    metrics.histogram({ name: 'tessera_wait_seconds', help: 'Wait.' }).observe(0.03);
    const { text } = await metrics.exposition();
    expect(text).toContain('tessera_wait_seconds_bucket{le="0.025",service="gateway"} 0');
    expect(text).toContain('tessera_wait_seconds_bucket{le="0.05",service="gateway"} 1');
  });
});
