import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { letIdleConnectionsRest } from './request-queue.js';

const silent = { debug: () => undefined, warn: () => undefined };

describe('the requests of a connection', () => {
  beforeAll(letIdleConnectionsRest);

  const opened: RequestQueue[] = [];
  afterEach(() => {
    for (const queue of opened.splice(0)) queue.destroy();
  });

  function opening(maxInFlightRequests: number | null): RequestQueue {
    const queue = new RequestQueue({
      ...{ maxInFlightRequests, requestTimeout: 1_000, enforceRequestTimeout: false },
      ...{ clientId: 'test', broker: 'test', logger: silent },
    });
    opened.push(queue);
    return queue;
  }

  function request(queue: RequestQueue, correlationId: number): Promise<void> {
    return new Promise((resolve) => {
      const entry = { correlationId, resolve: () => undefined, reject: () => undefined };
      queue.push({ entry, expectResponse: true, sendRequest: resolve });
    });
  }

  const answer = (queue: RequestQueue, correlationId: number) =>
    queue.fulfillRequest({ correlationId, size: 0, payload: Buffer.alloc(0) });

  it('leave no timer behind once all are answered', async () => {
    const queue = opening(null);
    await request(queue, 1);
    answer(queue, 1);
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('are sent after others where only some may be under way', async () => {
    const queue = opening(1);
    await request(queue, 1);
    const second = request(queue, 2);
    expect(queue.pending).toHaveLength(1);
    answer(queue, 1);
    await second;
    answer(queue, 2);
    expect(queue.pending).toEqual([]);
  });

  it('are sent when the broker no longer holds them back, without anything else happening', async () => {
    const queue = opening(null);
    queue.maybeThrottle(20);
    await request(queue, 1);
    expect(queue.pending).toEqual([]);
  });
});
