import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import {
  everything,
  ingestOnly,
  readOnly,
  startGateway,
  stranger,
  untilReady,
  type TestGateway,
} from './fixtures/gateway.fixture.js';
import { documentationFiles } from './operations/documentation-files.js';

interface Operation {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly security: readonly Record<string, readonly string[]>[];
}

const publicOperations = [
  '/health/live',
  '/health/ready',
  '/metrics',
  '/ims/token/v3',
  '/ims/token/v2',
  '/ims/keys',
  ...Array<string>(2).fill('/ops/sessions'),
];

/** Every operation of the document, its path filled in with ids that exist nowhere. */
function operationsOf(document: string): Operation[] {
  const { paths } = JSON.parse(document) as {
    paths: Record<string, Record<string, { security: Operation['security'] }>>;
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { security }]) => ({
      method: method.toUpperCase() as Operation['method'],
      url: path.replaceAll(/\{\w+\}/g, '0'.repeat(24)),
      security,
    })),
  );
}

describe('gateway', () => {
  let gateway: TestGateway;
  let document: string;
  beforeAll(async () => {
    gateway = await startGateway();
    await untilReady(gateway);
    document = (await gateway.application.inject({ method: 'GET', url: '/docs/openapi.json' })).body;
  });
  afterAll(() => gateway.close());

  it('names what it depends on when it is ready', async () => {
    const answer = await gateway.application.inject({ method: 'GET', url: '/health/ready' });
    expect(answer.json()).toMatchObject({
      checks: { mongodb: { status: 'up' }, kafka: { status: 'up' }, 'object-storage': { status: 'up' } },
    });
  });

  it('has a document that is valid OpenAPI 3.1, with a summary of every operation', async () => {
    expect(await new Validator().validate(JSON.parse(document) as Record<string, unknown>)).toEqual({ valid: true });
    const { paths } = JSON.parse(document) as { paths: Record<string, Record<string, { summary?: string }>> };
    const silent = Object.entries(paths).filter(([, item]) => Object.values(item).some(({ summary }) => !summary));
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('opens nothing to everybody but what is meant to be', () => {
    const open = operationsOf(document).filter(({ security }) => security.length === 0);
    expect(open.map(({ url }) => url).sort()).toEqual([...publicOperations].sort());
  });

  describe('on every operation that is not public', () => {
    const guarded = () =>
      operationsOf(document).filter(({ url, security }) => security.length > 0 && !url.startsWith('/collection'));
    const refusals = async (changed: Record<string, string | undefined>, which = guarded()) => {
      const headers = await gateway.headers(changed);
      const answers = await Promise.all(
        which.map(async ({ method, url }) => {
          const { statusCode, body } = await gateway.application.inject({ method, url, headers });
          // An answer to HEAD has no body, so its status must do.
          if (method === 'HEAD') return { status: statusCode };
          return { status: statusCode, code: (JSON.parse(body) as { code: string }).code };
        }),
      );
      const withCode = answers.filter(({ code }) => code !== undefined);
      expect(withCode.length).toBeGreaterThan(5);
      const statuses = new Set(withCode.map(({ status }) => status));
      expect(answers.filter(({ status }) => !statuses.has(status))).toEqual([]);
      return [...new Set(withCode.map(({ status, code }) => `${status} ${code}`))];
    };

    it('refuses a call without a token', async () => {
      expect(await refusals({ authorization: undefined })).toEqual(['401 TSR-AUT-0401']);
    });

    it('refuses a token that is none', async () => {
      expect(await refusals({ authorization: 'Bearer a.b.c' })).toEqual(['401 TSR-AUT-1401']);
    });

    it('refuses a key that is not the token’s', async () => {
      expect(await refusals({ 'x-api-key': 'other' })).toEqual(['403 TSR-AUT-0403']);
    });

    it('refuses an organisation that the token does not grant', async () => {
      expect(await refusals({ 'x-gw-ims-org-id': 'C@TesseraOrg' })).toEqual(['403 TSR-AUT-1403']);
      const authorization = `Bearer ${await gateway.token(stranger)}`;
      expect(await refusals({ authorization, 'x-api-key': stranger.clientId })).toEqual(['403 TSR-AUT-1403']);
    });

    it('refuses a token without the scope', async () => {
      for (const [client, isFor] of [
        [ingestOnly, (scopes: readonly string[]) => !scopes.includes('ingest')],
        [readOnly, (scopes: readonly string[]) => !scopes.includes('profile.read')],
      ] as const) {
        const authorization = `Bearer ${await gateway.token(client)}`;
        const closed = guarded().filter(({ security }) => security.some(({ bearer = [] }) => isFor(bearer)));
        expect(await refusals({ authorization, 'x-api-key': client.clientId }, closed)).toEqual(['403 TSR-AUT-2403']);
      }
    });

    it('refuses a sandbox that the organisation does not have', async () => {
      const withSandbox = guarded().filter(({ security }) => security.some((scheme) => 'sandbox' in scheme));
      expect(await refusals({ 'x-sandbox-name': 'nowhere' }, withSandbox)).toEqual(['404 TSR-SBX-0404']);
      expect(await refusals({ 'x-sandbox-name': undefined }, withSandbox)).toEqual(['400 TSR-GEN-5400']);
    });
  });

  it('lets a client write and read with its own token, in its own sandbox only', async () => {
    const headers = await gateway.headers();
    const url = '/data/core/idnamespace/identities';
    const payload = { name: 'Loyalty', code: 'Loyalty', idType: 'CROSS_DEVICE' };
    const created = await gateway.application.inject({ method: 'POST', url, headers, payload });
    expect(created.statusCode).toBeLessThan(300);
    const codes = async (organisation: string) => {
      const mine = await gateway.headers({ 'x-gw-ims-org-id': organisation });
      const listed = await gateway.application.inject({ method: 'GET', url, headers: mine });
      return listed.json<{ code: string }[]>().map(({ code }) => code);
    };
    const [ownOrganisation = '', otherOrganisation = ''] = everything.organisations;
    expect(await codes(ownOrganisation)).toContain('Loyalty');
    expect(await codes(otherOrganisation)).not.toContain('Loyalty');
  });
});

describe('gateway without its servers', () => {
  it('starts, is alive, is not ready, and answers 503 in time', async () => {
    const gateway = await startGateway({
      KAFKA_BROKERS: '127.0.0.1:1',
      MONGODB_URI: 'mongodb://127.0.0.1:1/?directConnection=true',
      DEPENDENCY_TIMEOUT_MS: '200',
    });
    const get = (url: string) => gateway.application.inject({ method: 'GET', url });
    expect((await get('/health/live')).statusCode).toBe(200);
    const ready = await get('/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({ checks: { mongodb: { status: 'down' }, kafka: { status: 'down' } } });
    const keys = await get('/ims/keys');
    expect(keys.statusCode).toBe(503);
    expect(keys.headers['retry-after']).toBe('1');
    await gateway.close();
  });
});

describe('documentation', () => {
  it('in docs/ is what the code says; run "npm run docs" where this fails', async () => {
    for (const [path, text] of Object.entries(await documentationFiles())) {
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });
});
