import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FastClient } from './fast-client.js';

/** Real: an HTTP server and its sockets. */
describe('the load client', () => {
  let server: Server;
  let client: FastClient;

  async function serve(answer: RequestListener, connections = 2): Promise<void> {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new FastClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections);
  }

  afterEach(async () => {
    client.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('sends the method, path, headers and body, and gives back the status and the text', async () => {
    await serve((request, response) => {
      void text(request).then((body) => {
        const { method, url, headers } = request;
        response.statusCode = 207;
        response.end(JSON.stringify({ method, url, sandbox: headers['x-sandbox-name'], body }));
      });
    });
    const request = { method: 'POST', path: '/a?b=c', headers: { 'x-sandbox-name': 'prod' }, body: 'Jörg' } as const;
    const answer = await client.send(request);
    expect(answer.status).toBe(207);
    expect(JSON.parse(answer.text)).toEqual({ method: 'POST', url: '/a?b=c', sandbox: 'prod', body: 'Jörg' });
  });

  it('gives each of many requests its own answer, over no more connections than allowed', async () => {
    const sockets = new Set<unknown>();
    await serve(({ url, socket }, response) => {
      sockets.add(socket);
      // Later requests of a connection are answered sooner than earlier ones of another.
      setImmediate(() => response.end(url));
    });
    const paths = Array.from({ length: 50 }, (_, index) => `/${index}`);
    const answers = await Promise.all(paths.map((path) => client.send({ method: 'GET', path, headers: {} })));
    expect(answers.map((answer) => answer.text)).toEqual(paths);
    expect(sockets.size).toBe(2);
  });

  it('reads answers that come in many parts', async () => {
    const long = 'ü'.repeat(200_000);
    await serve((_request, response) => response.end(long));
    const answer = await client.send({ method: 'GET', path: '/', headers: {} });
    expect(answer.text).toBe(long);
  });

  it('tells how long the answer asks to wait', async () => {
    await serve((_request, response) => {
      response.statusCode = 429;
      response.setHeader('Retry-After', '7').end('later');
    });
    const answer = await client.send({ method: 'GET', path: '/', headers: {} });
    expect(answer).toEqual({ status: 429, retryAfter: 7, text: 'later' });
  });

  it('fails what a closed connection leaves unanswered, and goes on over another', async () => {
    await serve(closesTheFirst(), 1);
    await expect(client.send({ method: 'GET', path: '/', headers: {} })).rejects.toThrow('closed the connection');
    await expect(client.send({ method: 'GET', path: '/', headers: {} })).resolves.toMatchObject({ text: 'here' });
  });

  it('goes on with those that wait when the only connection closes', async () => {
    await serve(closesTheFirst(), 1);
    const [first, second] = await Promise.allSettled(
      ['/1', '/2'].map((path) => client.send({ method: 'GET', path, headers: {} })),
    );
    expect(first?.status).toBe('rejected');
    expect(second).toMatchObject({ status: 'fulfilled', value: { text: 'here' } });
  });

  it('refuses an answer whose length is not said', async () => {
    await serve((_request, response) => {
      response.write('in chunks');
      response.end();
    });
    await expect(client.send({ method: 'GET', path: '/', headers: {} })).rejects.toThrow('without a content-length');
  });
});

function closesTheFirst(): RequestListener {
  let asked = 0;
  return (request, response) => {
    asked += 1;
    if (asked === 1) request.socket.destroy();
    else response.end('here');
  };
}
