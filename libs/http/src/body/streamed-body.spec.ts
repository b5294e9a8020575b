import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { eventually } from '@tessera/testing';
import { startExample, type Example } from '../application/example.fixture.js';

describe('a body that its handler reads', () => {
  let example: Example;
  let port: number;
  beforeAll(async () => {
    example = await startExample();
    await example.application.listen(0, '127.0.0.1');
    ({ port } = example.application.getHttpServer().address() as AddressInfo);
  });
  afterAll(() => example.application.close());

  const stream = async (payload: Buffer | string, headers: Record<string, string> = {}) => {
    const answer = await example.application.inject({ method: 'PUT', url: '/example/stream', payload, headers });
    return { status: answer.statusCode, body: answer.json<{ announced?: number; bytes?: number }>() };
  };

  /** Everything a connection received until it holds `count` answers. */
  const answers = async (socket: Socket, count: number): Promise<string> => {
    let received = '';
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      received += String(chunk);
      if (received.split('HTTP/1.1 ').length > count && received.endsWith('}')) break;
    }
    return received;
  };

  it.each(['application/json', 'application/octet-stream', 'text/plain', 'nonsense'])(
    'arrives as it is, whatever its media type: %s',
    async (type) => {
      const { status, body } = await stream('{"broken', { 'content-type': type });
      expect({ status, body }).toEqual({ status: 200, body: { announced: 8, bytes: 8 } });
    },
  );

  it('may be larger than any that is held in memory', async () => {
    expect(await stream(Buffer.alloc(5_000_000))).toMatchObject({ status: 200, body: { bytes: 5_000_000 } });
  });

  it('is inflated, and what it announces is then not known', async () => {
    const { status, body } = await stream(gzipSync('x'.repeat(10_000)), { 'content-encoding': 'gzip' });
    expect({ status, body }).toEqual({ status: 200, body: { bytes: 10_000 } });
    const cut = gzipSync('x'.repeat(10_000)).subarray(0, 15);
    expect((await stream(cut, { 'content-encoding': 'gzip' })).status).toBe(400);
  });

  it('may be absent', async () => {
    expect(await stream('')).toMatchObject({ status: 200, body: { bytes: 0 } });
  });

  it('answered early is read to its end, so that the next request on the connection is understood', async () => {
    const socket = connect(port, '127.0.0.1');
    const size = 3_000_000;
    socket.write(`PUT /example/stream?most=1 HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
    socket.write(Buffer.alloc(100, 'x'));
    expect(await answers(socket, 1)).toMatch(/^HTTP\/1\.1 200 [^]*"announced":3000000/);
    socket.write(Buffer.alloc(size - 100, 'x'));
    socket.write('PUT /example/stream HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde');
    expect(await answers(socket, 1)).toContain('{"announced":5,"bytes":5}');
    socket.destroy();
  });

  it('that is cut is the end of its request, and no fault of the service', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('PUT /example/stream HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc');
    await once(socket, 'connect');
    socket.end();
    await once(socket.resume(), 'close');
    await eventually(() => expect(example.lines.join('')).toContain('TSR-GEN-0400'));
    expect(example.lines.filter((line) => line.includes('request failed'))).toEqual([]);
  });
});
