import { Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeJwt } from 'jose';
import { gatewaySchema, loadConfiguration } from '@tessera/config';
import { Caller, createHttpApplication, NoSandbox, RequireScope } from '@tessera/http';
import { createLogger, Metrics } from '@tessera/observability';
import { Database, IssuerKeyStore } from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { AuthenticationModule } from './authentication.module.js';

@Controller('probe')
class ProbeController {
  @Get()
  @RequireScope('ops')
  @NoSandbox()
  probe(@Caller() { clientId, organisation }: Caller) {
    return { clientId, organisation };
  }
}

@Module({})
class ProbeModule {
  static with(authentication: DynamicModule): DynamicModule {
    return { module: ProbeModule, imports: [authentication], controllers: [ProbeController] };
  }
}

const clients = [
  { clientId: 'everything', clientSecret: 'secret-1', organisations: ['A@TesseraOrg', 'B@TesseraOrg'] },
  { clientId: 'ingest-only', clientSecret: 'secret-2', organisations: ['A@TesseraOrg'], scopes: ['ingest'] },
];

describe('development issuer', () => {
  const { mongodbUri } = testServers();
  const name = uniqueDatabaseName();
  const databases: Database[] = [];
  const applications: NestFastifyApplication[] = [];

  /** One more gateway of the same deployment. */
  const start = async (environment: Record<string, string> = {}): Promise<NestFastifyApplication> => {
    const configuration = loadConfiguration(gatewaySchema, {
      NODE_ENV: 'test',
      ISSUER: 'development',
      KAFKA_BROKERS: 'unused:1',
      MONGODB_URI: mongodbUri,
      REDIS_URL: 'redis://unused:1',
      OBJECT_STORAGE_URL: 'file:///unused',
      DEVELOPMENT_CLIENTS: JSON.stringify(clients),
      ...environment,
    });
    const database = Database.create({ uri: mongodbUri, name });
    databases.push(database);
    const none = { find: () => Promise.resolve(undefined), findByInlet: () => Promise.resolve(undefined) };
    const authentication = AuthenticationModule.with({
      configuration,
      issuerKeys: new IssuerKeyStore(database),
      sandboxes: none,
      inlets: none,
    });
    const application = await createHttpApplication(ProbeModule.with(authentication), {
      logger: createLogger('gateway', 'silent'),
      metrics: new Metrics('gateway'),
      hasAccessControl: true,
    });
    applications.push(application);
    await application.init();
    await application.getHttpAdapter().getInstance().ready();
    return application;
  };

  afterAll(async () => {
    await Promise.all(applications.map((application) => application.close()));
    await Promise.all(databases.map((database) => database.close()));
    await dropTestDatabase(mongodbUri, name);
  });

  const askToken = async (
    application: NestFastifyApplication,
    fields: Record<string, string>,
    path = '/ims/token/v3',
    type = 'application/x-www-form-urlencoded',
  ) => {
    const form = { grant_type: 'client_credentials', client_id: 'everything', client_secret: 'secret-1', ...fields };
    const payload = new URLSearchParams(form).toString();
    const answer = await application.inject({ method: 'POST', url: path, headers: { 'content-type': type }, payload });
    return { status: answer.statusCode, headers: answer.headers, body: answer.json<Record<string, unknown>>() };
  };
  const probe = async (application: NestFastifyApplication, token: string, organisation = 'A@TesseraOrg') =>
    application.inject({
      method: 'GET',
      url: '/probe',
      headers: {
        authorization: `Bearer ${token}`,
        'x-api-key': String(decodeJwt(token)['client_id']),
        'x-gw-ims-org-id': organisation,
      },
    });

  it('gives the same key to gateways that start at the same moment, so each takes the tokens of the others', async () => {
    const gateways = await Promise.all([start(), start(), start()]);
    const answers = await Promise.all(gateways.map((gateway) => askToken(gateway, {})));
    for (const { body } of answers) {
      for (const gateway of gateways) {
        expect((await probe(gateway, body['access_token'] as string)).statusCode).toBe(200);
      }
    }
  });

  it('takes its tokens after a restart', async () => {
    const { body } = await askToken(await start(), {});
    expect((await probe(await start(), body['access_token'] as string)).statusCode).toBe(200);
  });

  it('publishes only the public half of its key', async () => {
    const answer = await (await start()).inject({ method: 'GET', url: '/ims/keys' });
    const [key, ...others] = answer.json<{ keys: Record<string, unknown>[] }>().keys;
    expect(others).toEqual([]);
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it.each(['/ims/token/v3', '/ims/token/v2', '/ims/token/v3/'])('answers %s as published', async (path) => {
    const { status, headers, body } = await askToken(await start(), {}, path);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String) as string, token_type: 'bearer', expires_in: 86_400 });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('grants every organisation of the client, and no other', async () => {
    const gateway = await start();
    const token = (await askToken(gateway, {})).body['access_token'] as string;
    expect((await probe(gateway, token, 'B@TesseraOrg')).json()).toEqual({
      clientId: 'everything',
      organisation: 'B@TesseraOrg',
    });
    expect((await probe(gateway, token, 'C@TesseraOrg')).statusCode).toBe(403);
  });

  it('gives a client no scope it does not have', async () => {
    const gateway = await start();
    const fields = { client_id: 'ingest-only', client_secret: 'secret-2', scope: 'ops ingest' };
    const token = (await askToken(gateway, fields)).body['access_token'] as string;
    expect(decodeJwt(token)['scope']).toBe('ingest');
    expect((await probe(gateway, token)).statusCode).toBe(403);
  });

  it('refuses an expired token', async () => {
    const gateway = await start({ TOKEN_LIFETIME_SECONDS: '1' });
    const token = (await askToken(gateway, {})).body['access_token'] as string;
    const expires = (decodeJwt(token).exp ?? 0) * 1_000;
    while (Date.now() <= expires) await new Promise((resolve) => setImmediate(resolve));
    expect((await probe(gateway, token)).statusCode).toBe(401);
  });

  it.each<[string, Record<string, string>, number, string, string | undefined]>([
    ['a wrong secret', { client_secret: 'secret-2' }, 401, 'TSR-IMS-0401', 'invalid_client'],
    ['an unknown client', { client_id: 'nobody' }, 401, 'TSR-IMS-0401', 'invalid_client'],
    ['another grant', { grant_type: 'password' }, 400, 'TSR-IMS-0400', 'unsupported_grant_type'],
  ])('refuses %s', async (_name, fields, status, code, error) => {
    expect(await askToken(await start(), fields)).toMatchObject({ status, body: { code, error } });
  });

  it('refuses a request that is no form, and a form that lacks a field', async () => {
    const gateway = await start();
    expect((await askToken(gateway, {}, '/ims/token/v3', 'application/json')).status).toBe(415);
    const answer = await gateway.inject({
      method: 'POST',
      url: '/ims/token/v3',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'grant_type=client_credentials',
    });
    expect(answer.json()).toMatchObject({
      code: 'TSR-GEN-3400',
      errors: [{ path: '/client_id' }, { path: '/client_secret' }],
    });
  });
});
