import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { BatchStore, Database, type Batch } from '@tessera/stores';
import { dropTestDatabase, testServers, uniqueDatabaseName } from '@tessera/testing';
import { startGateway, untilReady, type TestGateway } from '../fixtures/gateway.fixture.js';

export const IMPORT = '/data/foundation/import/batches';
export const CATALOG = '/data/foundation/catalog/batches';
export const EXPORT = '/data/foundation/export/batches';

/** The tenant of calls that name no other. */
export const tenant = { organisation: 'A@TesseraOrg', sandbox: 'prod' };
/** Headers of the tenant that has nothing to do with it. */
export const elsewhere = { 'x-gw-ims-org-id': 'B@TesseraOrg' };

export interface Sent {
  readonly body?: object | string | Buffer | Readable;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; an empty object where there is none. */
  readonly body: Record<string, unknown>;
}

/** The whole gateway behind a real socket, on the real servers, with a folder of its own for files. */
export interface BatchGateway {
  readonly gateway: TestGateway;
  readonly database: Database;
  readonly databaseName: string;
  readonly batches: BatchStore;
  readonly port: number;
  readonly folder: string;
  /** Sends a path byte for byte as it is given. */
  send(method: string, path: string, sent?: Sent): Promise<Received>;
  /** @returns id of a new dataset. */
  newDataset(behavior?: 'record' | 'time-series', headers?: Sent['headers']): Promise<string>;
  /** @returns id of a new batch. */
  newBatch(datasetId: string, settings?: object): Promise<string>;
  /** Every file of the folder, also what is still being written. */
  storedFiles(): Promise<string[]>;
  close(): Promise<void>;
}

export async function startBatchGateway(environment: Readonly<Record<string, string>> = {}): Promise<BatchGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-batches-'));
  const { mongodbUri } = testServers();
  const name = environment['MONGODB_DATABASE'] ?? uniqueDatabaseName();
  const gateway = await startGateway({
    OBJECT_STORAGE_URL: pathToFileURL(folder).href,
    MONGODB_DATABASE: name,
    ...environment,
  });
  if (environment['KAFKA_BROKERS'] === undefined) await untilReady(gateway);
  await gateway.application.listen(0, '127.0.0.1');
  const { port } = gateway.application.getHttpServer().address() as AddressInfo;
  const database = Database.create({ uri: mongodbUri, name });
  let datasets = 0;

  const send: BatchGateway['send'] = async (method, path, { body, headers = {} } = {}) => {
    const isJson = typeof body === 'object' && !(body instanceof Readable) && !Buffer.isBuffer(body);
    const all = await gateway.headers({ ...(isJson && { 'content-type': 'application/json' }), ...headers });
    return exchange({ method, port, path, headers: all }, isJson ? JSON.stringify(body) : body);
  };
  return {
    gateway,
    database,
    databaseName: name,
    batches: new BatchStore(database),
    port,
    folder,
    send,
    newDataset: async (behavior = 'record', headers = {}) => {
      const schema = behavior === 'record' ? 'profile' : 'experienceevent';
      datasets += 1;
      const body = { name: `Dataset ${datasets}`, schemaRef: { id: `https://ns.adobe.com/xdm/context/${schema}` } };
      const answer = await send('POST', '/data/foundation/catalog/dataSets', { body, headers });
      return (JSON.parse(answer.text) as [string])[0].slice('@/dataSets/'.length);
    },
    newBatch: async (datasetId, settings = {}) => {
      const body = { datasetId, inputFormat: { format: 'json' }, ...settings };
      const { id } = (await send('POST', IMPORT, { body })).body as { id?: string };
      if (id === undefined) throw new Error('no batch was created');
      return id;
    },
    storedFiles: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    },
    close: async () => {
      await database.close();
      await gateway.close();
      if (environment['MONGODB_DATABASE'] === undefined) await dropTestDatabase(mongodbUri, name);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Moves a batch to where a worker would have brought it. */
export async function moveTo(batches: BatchStore, id: string, status: Batch['status']): Promise<void> {
  const everything = ['loading', 'loaded', 'staged', 'success', 'failed', 'aborted', 'inactive'] as const;
  await batches.transition(tenant, id, everything, status);
}

interface Exchange {
  readonly method: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function exchange(options: Exchange, body: string | Buffer | Readable | undefined): Promise<Received> {
  const length = typeof body === 'string' || Buffer.isBuffer(body) ? { 'content-length': Buffer.byteLength(body) } : {};
  const outgoing = request({ host: '127.0.0.1', ...options, headers: { ...length, ...options.headers } });
  const answered = new Promise<Received>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const { statusCode: status = 0, headers } = incoming;
      text(incoming).then((received) => resolve({ status, headers, text: received, body: parsed(received) }), reject);
    });
  });
  if (body instanceof Readable) body.pipe(outgoing);
  else outgoing.end(body);
  return answered;
}

function parsed(received: string): Record<string, unknown> {
  try {
    return JSON.parse(received) as Record<string, unknown>;
  } catch {
    return {};
  }
}
