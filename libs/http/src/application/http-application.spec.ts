import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import { startExample, type Example } from './example.fixture.js';

describe('HTTP application', () => {
  let example: Example;
  beforeAll(async () => {
    example = await startExample();
    await example.application.listen(0, '127.0.0.1');
  });
  afterAll(() => example.application.close());

  const json = { 'content-type': 'application/json' };
  const post = async (url: string, payload: string | Buffer, headers: Record<string, string> = json) => {
    const answer = await example.application.inject({ method: 'POST', url, payload, headers });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), headers: answer.headers };
  };
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const answer = await example.application.inject({ method: 'GET', url, headers });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), headers: answer.headers };
  };

  it('answers an error as a problem document with the fields of both worlds', async () => {
    const { status, body, headers } = await get('/nowhere', { 'x-request-id': 'r-7' });
    expect(status).toBe(404);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({
      type: 'https://tessera.dev/errors/no-such-route',
      title: 'No such route',
      status: 404,
      detail: body['message'],
      message: expect.any(String) as string,
      statusCode: '404',
      code: 'TSR-GEN-0404',
      requestId: 'r-7',
    });
  });

  it('echoes an acceptable request id and replaces any other', async () => {
    expect((await get('/example/read', { 'x-request-id': 'abc-1' })).headers['x-request-id']).toBe('abc-1');
    for (const id of ['', 'a b', 'x'.repeat(129), 'a"b', 'a,b']) {
      const { headers, body } = await get('/example/read', { 'x-request-id': id });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(body['requestId']).toBe(headers['x-request-id']);
    }
  });

  it.each([
    ['broken JSON', '{"a":', json, 400, 'TSR-GEN-1400'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), json, 400, 'TSR-GEN-2400'],
    ['an unsupported type', '<a/>', { 'content-type': 'application/xml' }, 415, 'TSR-GEN-0415'],
    ['no type', '{}', { 'content-type': '' }, 415, 'TSR-GEN-0415'],
    ['a type that is only nearly right', '{}', { 'content-type': 'text/json' }, 415, 'TSR-GEN-0415'],
    ['a body over the limit', JSON.stringify('x'.repeat(1_000)), json, 413, 'TSR-GEN-0413'],
    ['an unknown coding', '{}', { ...json, 'content-encoding': 'zstd' }, 415, 'TSR-GEN-0415'],
    ['damaged gzip', 'not gzip', { ...json, 'content-encoding': 'gzip' }, 400, 'TSR-GEN-1400'],
    ['cut gzip', gzipSync('{"a":"b"}').subarray(0, 20), { ...json, 'content-encoding': 'gzip' }, 400, 'TSR-GEN-1400'],
  ])('refuses %s', async (_name, payload, headers, status, code) => {
    expect(await post('/example/free', payload, headers as Record<string, string>)).toMatchObject({
      status,
      body: { code },
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('takes %s, and stops at the limit of what it inflates to', async (coding, compress) => {
    const headers = { ...json, 'content-encoding': coding };
    expect(await post('/example/free', compress('{"a":1}'), headers)).toMatchObject({
      status: 201,
      body: { body: { a: 1 } },
    });
    const bomb = compress(JSON.stringify('0'.repeat(50_000_000)));
    expect(bomb.length).toBeLessThan(60_000);
    expect((await post('/example/free', compress(JSON.stringify('0'.repeat(5_000))), headers)).status).toBe(413);
    expect((await post('/example/free', bomb, headers)).status).toBe(413);
  });

  it('keeps keys that JavaScript gives a meaning as plain data', async () => {
    const text =
      '{"__proto__":{"polluted":true},"constructor":{"prototype":[]},"$where":{},"a.b":[],"kind":"a","name":"n"}';
    const { status, body } = await post('/example/write', text, { ...json, ...(await example.headers()) });
    expect(status).toBe(201);
    expect(body['text']).toBe(text);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('tells every fault of a body, each with its JSON Pointer', async () => {
    const { status, body } = await post('/example/write', '{"kind":"c","x/y":"1","more":1}', {
      ...json,
      ...(await example.headers()),
    });
    expect(status).toBe(400);
    expect(body['code']).toBe('TSR-GEN-3400');
    expect(body['errors']).toEqual(
      expect.arrayContaining([
        { path: '/name', message: 'is required' },
        { path: '/kind', message: 'must be one of "a", "b"' },
        { path: '/x~1y', message: 'must be of type integer' },
        { path: '/more', message: 'must be of type object,array' },
      ]),
    );
  });

  it('asks for the body where one is needed', async () => {
    const answer = await post('/example/write', '', await example.headers());
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ path: '', message: 'a JSON object is required' }] },
    });
  });

  it('refuses a body that nests too deep, however deep', async () => {
    const headers = { ...json, ...(await example.headers()) };
    const nested = (depth: number) => `{"name":"n","kind":"a","deep":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect((await post('/example/write', nested(31), headers)).status).toBe(201);
    expect((await post('/example/write', nested(32), headers)).status).toBe(400);
    expect((await post('/example/write', nested(400_000), headers)).status).toBe(400);
  });

  it('reads query parameters by their type, repeated equal ones once, booleans in any case', async () => {
    const { body } = await get('/example/read/?limit=5&limit=5&flag=TRUE&other=x&__proto__=y', await example.headers());
    expect(body['query']).toEqual(JSON.parse('{"limit":5,"flag":true,"other":"x","__proto__":"y"}'));
  });

  it.each(['limit=0', 'limit=101', 'limit=1.5', 'limit=', 'limit=5&limit=6', 'limit=0x10', 'flag=yes', 'sort=up'])(
    'refuses the query %s',
    async (query) => {
      const { status, body } = await get(`/example/read?${query}`, await example.headers());
      expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'TSR-GEN-4400' });
    },
  );

  it.each([
    ...['/example/read?sort=%ff', '/example/%ff', '/example/%zz'],
    ...['/example/read?other=%zz', '/example/read?%z=x', '/example/read?other=%2', '/example/read?limit=5&other=100%'],
  ])('refuses %j, which is not UTF-8 or not encoded rightly', async (url) => {
    const { status, headers, body } = await get(url, await example.headers());
    expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'TSR-GEN-0400' });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['x-request-id']).toBeDefined();
  });

  it('answers 503 with Retry-After while a dependency is down, without its address', async () => {
    const { status, headers, body } = await get('/example/failing?how=down');
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({ status: 503, retryAfter: '1' });
    expect(body['detail']).toContain('kafka');
    expect(JSON.stringify(body)).not.toContain('10.0.0');
  });

  it('hides what failed inside, and logs it under the request id', async () => {
    const { status, body } = await get('/example/failing?how=bug', { 'x-request-id': 'r-bug' });
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/hunter2|\.ts\b|fixture/);
    const line = example.lines
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find(({ requestId }) => requestId === 'r-bug');
    expect(line).toMatchObject({ level: 'error', error: { name: 'Error', frames: expect.any(Array) as string[] } });
  });

  it('answers bytes that are not HTTP with a problem document', async () => {
    const { port } = example.application.getHttpServer().address() as AddressInfo;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GARBAGE\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('TSR-GEN-0400');
  });
});
