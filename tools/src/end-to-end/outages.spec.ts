import { setTimeout as delay } from 'node:timers/promises';
import { eventually, openDoor, testServers, type Door } from '@tessera/testing';
import type { RecordMessage } from '../client/record-message.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

/** How long the gateway's driver waits for a MongoDB that is away. */
const PATIENCE_MS = 4_000;
/** Records of one body. */
const BODY = 25;

/** Real: every service as a process, Kafka, and MongoDB behind a door that only these services use. */
describe.each(['shut', 'freeze'] as const)('a MongoDB that goes away under load (%s)', (how) => {
  let door: Door;
  let running: RunningPlatform;

  beforeAll(async () => {
    door = await openDoor(new URL(testServers().mongodbUri).host);
    running = await runPlatform({
      servers: { mongodbUri: `mongodb://127.0.0.1:${door.port}/?directConnection=true` },
      environment: { DEPENDENCY_TIMEOUT_MS: String(PATIENCE_MS) },
    });
  }, 60_000);
  afterAll(async () => {
    await running?.stop();
    await door?.shut();
  }, 60_000);

  it('is answered with 503, soon without waiting for it, and loses nothing that was accepted', async () => {
    const { client, inletId, platform } = running;
    const load = { isOver: false, accepted: 0, refused: 0 };
    const streaming = Promise.all(Array.from({ length: 3 }, (_, lane) => stream(lane)));
    await eventually(async () => expect((await client.counters()).totals.applied).toBeGreaterThan(0));
    await door[how]();

    const lookup = { method: 'GET', path: '/data/core/ups/config/mergePolicies' } as const;
    const refused = await eventually(
      async () => {
        const answer = await client.send(lookup);
        expect(answer.status).toBe(503);
        return answer;
      },
      { timeout: 30_000 },
    );
    expect(refused.headers['retry-after']).toBe('1');
    // A lookup that waited for MongoDB would not be answered within half of what the driver waits.
    await eventually(() => refusedWithin(PATIENCE_MS / 2), { timeout: 30_000 });
    for (let again = 0; again < 10; again += 1) await refusedWithin(PATIENCE_MS / 2);

    await door.open();
    await eventually(async () => expect((await client.send(lookup)).status).toBe(200), { timeout: 30_000 });
    load.isOver = true;
    await streaming;
    expect(load.refused).toBeGreaterThan(0);
    await running.settled(load.accepted);
    const { totals } = await client.counters();
    expect(totals).toMatchObject({ applied: load.accepted, duplicate: 0, deadLettered: 0 });
    expect(platform.unexpectedExits).toEqual([]);

    /** As a producer that never stops; what was not taken it leaves. */
    async function stream(lane: number): Promise<void> {
      for (let body = 0; !load.isOver; body += 1) {
        const answer = await client.tryStreamBatch(inletId, bodyOf(`${lane}-${body}`));
        if (answer.status === 207) load.accepted += BODY;
        else if (answer.status === 503) load.refused += BODY;
        else throw new Error(`answered with ${answer.status}; the gateway logs\n${logs()}`);
        await delay(50);
      }
    }

    function logs(): string {
      return platform
        .instances('gateway')
        .map((gateway) => gateway.logTail())
        .join('\n');
    }

    function bodyOf(name: string): RecordMessage[] {
      return Array.from({ length: BODY }, (_, index) =>
        running.person({ identityMap: { Email: [{ id: `${name}-${index}@example.com`, primary: true }] } }),
      );
    }

    async function refusedWithin(milliseconds: number): Promise<void> {
      const answer = await fetch(`${platform.gatewayUrl}${lookup.path}`, {
        headers: await client.authenticate(),
        signal: AbortSignal.timeout(milliseconds),
      });
      expect(answer.status).toBe(503);
    }
  }, 180_000);
});
