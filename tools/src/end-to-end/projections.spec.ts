import { eventually, openDoor, testServers, type Door } from '@tessera/testing';
import type { JsonObject } from '@tessera/contracts';
import { HttpClient, type Answer } from '../client/http-client.js';
import { runPlatform, type RunningPlatform } from './running-platform.fixture.js';

const DESTINATIONS = '/data/core/ups/config/destinations';
const PROJECTIONS = '/data/core/ups/config/projections';

/** Real: every service as a process, Redis; MongoDB and Kafka behind doors that only these services use. */
describe('projections', () => {
  let mongodb: Door;
  let kafka: Door;
  let running: RunningPlatform;
  let edge: HttpClient;

  beforeAll(async () => {
    const servers = testServers();
    mongodb = await openDoor(new URL(servers.mongodbUri).host);
    kafka = await openDoor(servers.kafkaBrokers.split(',')[0] as string);
    running = await runPlatform({
      servers: {
        mongodbUri: `mongodb://127.0.0.1:${mongodb.port}/?directConnection=true`,
        kafkaBrokers: `127.0.0.1:${kafka.port}`,
      },
    });
    edge = new HttpClient(running.platform.edgeUrl);
  }, 90_000);
  afterAll(async () => {
    await edge?.close();
    await Promise.all([mongodb?.open(), kafka?.open()]);
    await running?.stop();
    await Promise.all([mongodb?.shut(), kafka?.shut()]);
  }, 90_000);

  const change = <Body>(method: 'POST' | 'PUT', path: string, body: object, of: 'Destination' | 'Config') =>
    running.client.expect<Body>(
      {
        method,
        path,
        body: JSON.stringify(body),
        headers: { 'content-type': `application/vnd.adobe.platform.projection${of}+json; version=1` },
      },
      method === 'POST' ? 201 : 200,
    );
  const project = async (name: string, selector: string, replicationPolicy: string) => {
    const { id: destinationId } = await change<{ id: string }>(
      'POST',
      DESTINATIONS,
      { type: 'EDGE', dataCenters: ['OR1'], replicationPolicy },
      'Destination',
    );
    const path = `${PROJECTIONS}?schemaName=_xdm.context.profile`;
    return change<{ id: string; version: number }>('POST', path, { name, selector, destinationId }, 'Config');
  };
  const path = (name: string, email: string, namespace = 'Email') =>
    `/edge/OR1/projections/${name}?entityId=${email}&entityIdNS=${namespace}`;
  const atEdge = async (name: string, id: string, namespace?: string): Promise<Answer> =>
    edge.request({ method: 'GET', path: path(name, id, namespace), headers: await running.client.authenticate() });
  const entityAt = async (name: string, id: string, namespace?: string) =>
    ((await atEdge(name, id, namespace)).body as { entity?: JsonObject }).entity;
  /** The sum of a counter of a service over its lines that contain a text. */
  const counted = async (service: 'edge' | 'merge-worker', counter: string, lines: string): Promise<number> => {
    const [instance] = running.platform.instances(service);
    const text = await (await fetch(`${instance?.url}/metrics`)).text();
    const found = text.split('\n').filter((line) => line.startsWith(counter) && line.includes(lines));
    return found.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  const answered = (result: string) => counted('edge', 'tessera_edge_lookups_total', `result="${result}"`);
  const person = (email: string, more: JsonObject, others: JsonObject = {}) =>
    running.person({ identityMap: { Email: [{ id: email, primary: true }], ...others }, ...more });

  it('are pushed ahead of every request, under each identity, and follow people who become one', async () => {
    await project('contact', 'person(name.firstName),loyalty', 'PROACTIVE');
    await running.stream([
      person('ada@example.com', { person: { name: { firstName: 'Ada', lastName: 'L' } } }),
      person('augusta@example.com', { loyalty: { tier: 'gold' } }),
    ]);
    await eventually(async () =>
      expect(await counted('merge-worker', 'tessera_edge_updates_total', 'outcome="stored"')).toBeGreaterThanOrEqual(2),
    );
    expect(await entityAt('contact', 'ada@example.com')).toEqual({ person: { name: { firstName: 'Ada' } } });
    expect(await entityAt('contact', 'augusta@example.com')).toEqual({ loyalty: { tier: 'gold' } });
    expect([await answered('held'), await answered('filled')]).toEqual([2, 0]);
    const linked = { person: { name: { firstName: 'Ada' } }, loyalty: { tier: 'gold' } };
    await running.stream([
      running.person({
        identityMap: {
          Phone: [{ id: '+1', primary: true }],
          Email: [{ id: 'ada@example.com' }, { id: 'augusta@example.com' }],
        },
      }),
    ]);
    for (const [id, namespace] of [
      ['ada@example.com', 'Email'],
      ['augusta@example.com', 'Email'],
      ['%2B1', 'Phone'],
    ] as const) {
      await eventually(async () => expect(await entityAt('contact', id, namespace)).toEqual(linked));
    }
  });

  it('that are reactive are held from the first request on, and follow changes', async () => {
    await project('reactive', 'loyalty', 'REACTIVE');
    await running.stream([person('grace@example.com', { loyalty: { tier: 'silver' } })]);
    await eventually(async () =>
      expect(await entityAt('reactive', 'grace@example.com')).toEqual({ loyalty: { tier: 'silver' } }),
    );
    const before = await answered('held');
    expect((await atEdge('reactive', 'grace@example.com')).status).toBe(200);
    expect(await answered('held')).toBe(before + 1);
    await running.stream([person('grace@example.com', { loyalty: { tier: 'gold' } })]);
    await eventually(async () =>
      expect(await entityAt('reactive', 'grace@example.com')).toEqual({ loyalty: { tier: 'gold' } }),
    );
  });

  it('are answered by the gateway as by the edge, which it asks', async () => {
    const [direct, passedOn] = await Promise.all([
      atEdge('contact', 'ada@example.com'),
      running.client.send({ method: 'GET', path: path('contact', 'ada@example.com') }),
    ]);
    expect(passedOn.status).toBe(200);
    expect(passedOn.body).toEqual(direct.body);
    expect((await running.client.send({ method: 'GET', path: path('contact', 'nobody') })).status).toBe(404);
  });

  it('are answered with MongoDB and Kafka stopped, also after the edge started again', async () => {
    const { platform, client } = running;
    const headers = await client.authenticate();
    const { body } = await atEdge('contact', 'ada@example.com');
    await Promise.all([mongodb.shut(), kafka.shut()]);
    const ask = (at: string, id: string) => fetch(`${at}${path('contact', id)}`, { headers });
    for (let times = 0; times < 5; times += 1) {
      expect(await (await ask(platform.edgeUrl, 'ada@example.com')).json()).toEqual(body);
    }
    const [service] = platform.instances('edge');
    await service?.kill();
    const away = await ask(platform.gatewayUrl, 'ada@example.com');
    expect({ status: away.status, retryAfter: away.headers.get('retry-after') }).toEqual({
      status: 503,
      retryAfter: '1',
    });
    expect(away.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    await service?.start();
    expect(await (await ask(platform.edgeUrl, 'ada@example.com')).json()).toEqual(body);
    expect(await (await ask(platform.gatewayUrl, 'ada@example.com')).json()).toEqual(body);
    expect((await ask(platform.edgeUrl, 'somebody@example.com')).status).toBe(503);
    const refused = await fetch(`${platform.edgeUrl}${path('contact', 'ada@example.com')}`, {
      headers: { ...headers, authorization: 'Bearer a.b.c' },
    });
    expect(refused.status).toBe(401);
    await Promise.all([mongodb.open(), kafka.open()]);
    await eventually(async () => expect((await ask(platform.edgeUrl, 'somebody@example.com')).status).toBe(404), {
      timeout: 30_000,
    });
  });
});
