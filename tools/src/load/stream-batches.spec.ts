import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordMessage } from '../client/record-message.js';
import { TesseraClient } from '../client/tessera-client.js';
import { retryAfter, streamBatches } from './stream-batches.js';

type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body: object };

/** A gateway's door that answers as told and remembers which events it was sent. */
class Door {
  readonly taken: string[] = [];
  private server: Server | undefined;

  constructor(private readonly answer: (ids: readonly string[], request: number) => Reply) {}

  async open(): Promise<TesseraClient> {
    let requests = 0;
    this.server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const ids = request.url?.startsWith('/ims') ? undefined : idsIn(text);
        const reply = ids ? this.answer(ids, requests++) : { status: 200, body: { access_token: 'token' } };
        if (ids && reply.status === 207) this.taken.push(...ids);
        response.writeHead(reply.status, reply.headers).end(JSON.stringify(reply.body));
      });
    }).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return new TesseraClient({ url: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}` });
  }

  async close(client: TesseraClient): Promise<void> {
    await client.close();
    this.server?.close();
  }
}

function idsIn(text: string): string[] {
  const { messages } = JSON.parse(text) as { messages: { body: { xdmEntity: { _id: string } } }[] };
  return messages.map(({ body }) => body.xdmEntity._id);
}

const events = ['a', 'b', 'c', 'd', 'e'].map((_id) => recordMessage({ id: 'd', schemaId: 's' }, 'O', { _id }));
const taken = (ids: readonly string[]): Reply => ({
  status: 207,
  body: { responses: ids.map((id) => ({ xactionId: id })) },
});

describe('streaming in batches', () => {
  it('sends a batch again when the gateway asked to wait, and nothing twice', async () => {
    const door = new Door((ids, request) =>
      request % 2 === 0 ? { status: 429, headers: { 'retry-after': '0' }, body: {} } : taken(ids),
    );
    const client = await door.open();
    const result = await streamBatches(client, 'inlet', events, { batchSize: 2, inFlight: 1 });
    await door.close(client);
    expect(result).toEqual({ accepted: 5, refusals: [], waits: 3 });
    expect(door.taken).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('counts the messages the gateway refused and keeps its words', async () => {
    const door = new Door((ids) => ({
      status: 207,
      body: { responses: ids.map((id) => (id === 'c' ? { statusCode: 400, message: 'no' } : { xactionId: id })) },
    }));
    const client = await door.open();
    const result = await streamBatches(client, 'inlet', events, { batchSize: 3, inFlight: 2 });
    await door.close(client);
    expect(result).toEqual({ accepted: 4, refusals: ['400: no'], waits: 0 });
  });

  it('stops at an answer that is neither taken nor a request to wait, and quotes it', async () => {
    const door = new Door(() => ({ status: 503, body: { detail: 'Kafka is not available' } }));
    const client = await door.open();
    const streaming = streamBatches(client, 'inlet', events, { batchSize: 2, inFlight: 1 });
    await expect(streaming).rejects.toThrow('503: Kafka is not available');
    await door.close(client);
  });

  it('waits a second when the gateway does not say how long', () => {
    const answer = (headers: Record<string, string>) => ({ status: 429, headers, body: undefined });
    expect(retryAfter(answer({}))).toBe(1);
    expect(retryAfter(answer({ 'retry-after': '3' }))).toBe(3);
    expect(retryAfter(answer({ 'retry-after': 'later' }))).toBe(1);
  });
});
