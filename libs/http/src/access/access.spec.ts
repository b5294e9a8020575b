import { startExample, ORGANISATION, type Example } from '../application/example.fixture.js';

describe('admission', () => {
  let example: Example;
  beforeAll(async () => {
    example = await startExample();
  });
  afterAll(() => example.application.close());

  const get = async (url: string, headers: Record<string, string>) => {
    const answer = await example.application.inject({ method: 'GET', url, headers });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), headers: answer.headers };
  };

  it('admits a good call and tells the handler who asks, and for which sandbox', async () => {
    const { status, body } = await get('/example/read', await example.headers());
    expect(status).toBe(200);
    expect(body).toMatchObject({ clientId: 'client-1', tenant: { organisation: ORGANISATION, sandbox: 'prod' } });
  });

  it.each<[string, number, string, Record<string, unknown>, boolean]>([
    ['expired', 401, 'TSR-AUT-1401', { exp: Math.floor(Date.now() / 1000) - 1 }, false],
    ['without an expiry', 401, 'TSR-AUT-1401', { exp: undefined }, false],
    ['not yet valid', 401, 'TSR-AUT-1401', { nbf: Math.floor(Date.now() / 1000) + 60 }, false],
    ['for another audience', 401, 'TSR-AUT-1401', { aud: 'other' }, false],
    ['of another issuer', 401, 'TSR-AUT-1401', { iss: 'https://other.example' }, false],
    ['without a client', 401, 'TSR-AUT-1401', { client_id: undefined }, false],
    ['signed by another key', 401, 'TSR-AUT-1401', {}, true],
    ['without the scope', 403, 'TSR-AUT-2403', { scope: 'profile.write ingest' }, false],
    ['for another organisation', 403, 'TSR-AUT-1403', { organisations: ['B@TesseraOrg'] }, false],
    ['of another client', 403, 'TSR-AUT-0403', { client_id: 'client-2' }, false],
  ])('refuses a token %s', async (_name, status, code, claims, forged) => {
    const authorization = `Bearer ${await example.token(claims, forged)}`;
    const answer = await get('/example/read', await example.headers({ authorization }));
    expect(answer).toMatchObject({ status, body: { code, statusCode: String(status) } });
  });

  it.each([
    ['authorization', 401, 'TSR-AUT-0401'],
    ['x-api-key', 403, 'TSR-AUT-0403'],
    ['x-gw-ims-org-id', 403, 'TSR-AUT-1403'],
    ['x-sandbox-name', 400, 'TSR-GEN-5400'],
  ])('refuses a call without the header %s', async (header, status, code) => {
    const answer = await get('/example/read', await example.headers({ [header]: undefined }));
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it.each(['Basic Zm9vOmJhcg==', 'Bearer', 'Bearer a b', 'token'])('takes %p for no token', async (authorization) => {
    const answer = await get('/example/read', await example.headers({ authorization }));
    expect(answer).toMatchObject({ status: 401, body: { code: 'TSR-AUT-0401' } });
    expect(answer.headers['www-authenticate']).toContain('Bearer');
  });

  it.each(['nonsense', 'a.b.c', `${'x'.repeat(4_000)}`])('refuses the token %#, which is no JWT', async (token) => {
    const answer = await get('/example/read', await example.headers({ authorization: `Bearer ${token}` }));
    expect(answer).toMatchObject({ status: 401, body: { code: 'TSR-AUT-1401' } });
  });

  it('refuses a token whose algorithm is "none" or a shared secret', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'HS256']) {
      const [, payload] = (await example.token()).split('.');
      const authorization = `Bearer ${part({ alg, kid: 'k1' })}.${payload}.c2ln`;
      expect((await get('/example/read', await example.headers({ authorization }))).status).toBe(401);
    }
  });

  it('refuses a cached token once it is expired', async () => {
    const authorization = `Bearer ${await example.token({ exp: Math.floor(Date.now() / 1000) + 60 })}`;
    const headers = await example.headers({ authorization });
    expect((await get('/example/read', headers)).status).toBe(200);
    example.clock.advance(61_000);
    try {
      expect((await get('/example/read', headers)).status).toBe(401);
    } finally {
      example.clock.advance(-61_000);
    }
  });

  it('names an unknown sandbox in a 404', async () => {
    const answer = await get('/example/read', await example.headers({ 'x-sandbox-name': 'nowhere' }));
    expect(answer).toMatchObject({ status: 404, body: { code: 'TSR-SBX-0404' } });
    expect(answer.body['detail']).toContain('nowhere');
  });

  it('finds a sandbox by its id, and refuses a name and an id that disagree', async () => {
    const byId = await example.headers({ 'x-sandbox-name': undefined, 'x-sandbox-id': 'sandbox-1' });
    expect((await get('/example/read', byId)).status).toBe(200);
    expect((await get('/example/read', await example.headers({ 'x-sandbox-id': 'sandbox-2' }))).status).toBe(404);
  });

  it('leaves what it cannot decide to the service that the operation is passed on to, and nothing else', async () => {
    const passedOn = async (changed: Record<string, string>) =>
      (await get('/example/passed-on', await example.headers(changed))).status;
    expect(await passedOn({ 'x-sandbox-name': 'prod' })).toBe(200);
    expect(await passedOn({ 'x-sandbox-name': 'away' })).toBe(200);
    expect(await passedOn({ 'x-sandbox-name': 'nowhere' })).toBe(404);
    expect(await passedOn({ 'x-sandbox-name': 'away', authorization: 'Bearer a.b.c' })).toBe(401);
    expect((await get('/example/read', await example.headers({ 'x-sandbox-name': 'away' }))).status).toBe(503);
  });

  it('asks for no sandbox where the operation is about the organisation', async () => {
    const answer = await get('/example/organisation', await example.headers({ 'x-sandbox-name': undefined }));
    expect(answer).toMatchObject({ status: 200, body: { organisation: ORGANISATION } });
  });

  it('closes a route that declares no scope, whoever asks', async () => {
    const answer = await get('/example/undeclared', await example.headers());
    expect(answer).toMatchObject({ status: 403, body: { code: 'TSR-AUT-3403' } });
  });

  it('refuses before it looks at the body', async () => {
    const answer = await example.application.inject({
      method: 'POST',
      url: '/example/write',
      headers: { 'content-type': 'application/json' },
      payload: '{broken',
    });
    expect(answer.statusCode).toBe(401);
  });

  describe('by an inlet', () => {
    const post = (inletId: string, headers: Record<string, string> = {}) =>
      example.application.inject({ method: 'POST', url: `/example/inlet/${inletId}`, headers });

    it('needs no header where the connection is open', async () => {
      expect((await post('open')).json()).toEqual({ connectionId: 'c1' });
    });

    it('needs a token that holds "ingest" and grants the organisation where it is not', async () => {
      const bearer = async (claims: Record<string, unknown>) => ({
        authorization: `Bearer ${await example.token(claims)}`,
      });
      expect((await post('closed')).statusCode).toBe(401);
      expect((await post('closed', await bearer({ scope: 'profile.read' }))).statusCode).toBe(403);
      expect((await post('closed', await bearer({ organisations: ['B@TesseraOrg'] }))).statusCode).toBe(403);
      expect((await post('closed', await bearer({}))).statusCode).toBe(201);
    });

    it('answers 404 for an unknown one, with the field streaming clients read', async () => {
      const answer = await post('absent');
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'TSR-COL-0404', report: { message: expect.any(String) as string } });
    });
  });
});
