import { startExample, type Example } from '../application/example.fixture.js';

describe('operations', () => {
  const state = { mongodb: 'up' as 'up' | 'down' | 'silent' };
  let example: Example;
  beforeAll(async () => {
    example = await startExample({
      kafka: () => Promise.resolve(),
      mongodb: () => {
        if (state.mongodb === 'silent') return new Promise(() => undefined);
        return state.mongodb === 'up' ? Promise.resolve() : Promise.reject(new Error('refused by 10.0.0.3'));
      },
    });
  });
  afterAll(() => example.application.close());

  const get = (url: string) => example.application.inject({ method: 'GET', url });

  it('is ready while every dependency answers, each named', async () => {
    state.mongodb = 'up';
    const answer = await get('/health/ready');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      status: 'up',
      checks: { kafka: { status: 'up' }, mongodb: { status: 'up' } },
    });
  });

  it.each(['down', 'silent'] as const)('is not ready while a dependency is %s, and names it', async (how) => {
    state.mongodb = how;
    const answer = await get('/health/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      code: 'TSR-GEN-0503',
      detail: 'Not ready: mongodb.',
      checks: { kafka: { status: 'up' }, mongodb: { status: 'down' } },
    });
    expect(answer.body).not.toContain('10.0.0.3');
    const levels = example.lines.map((line) => (JSON.parse(line) as { level: string }).level);
    expect(levels).toContain('debug');
    expect(levels).not.toContain('warn');
  });

  it('is alive whatever its dependencies do', async () => {
    state.mongodb = 'down';
    expect((await get('/health/live')).statusCode).toBe(200);
  });

  it('shows its metrics, requests by route and not by path', async () => {
    await get('/nowhere/4711');
    await get('/health/live');
    const answer = await get('/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    expect(answer.body).toMatch(
      /tessera_http_request_duration_seconds_count\{[^}]*route="\/health\/live",status="200"/,
    );
    expect(answer.body).toMatch(/route="unknown",status="404"/);
    expect(answer.body).not.toContain('4711');
  });
});
