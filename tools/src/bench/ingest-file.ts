import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSetReference } from '../client/record-message.js';
import type { TesseraClient } from '../client/tessera-client.js';

const BATCHES = '/data/foundation/import/batches';
const POLL_MS = 100;
/** Bytes of a file sent in one request. */
const PART_BYTES = 67_108_864;

/** Milliseconds of one file. */
export interface FileTimes {
  /** From the first byte until the gateway has the file. */
  readonly upload: number;
  /** From the request to ingest it until all of its rows are stored. */
  readonly ingest: number;
}

/** Ingests a file as a batch of its own, uploaded in ranges. @throws Error when the batch does not succeed. */
export async function ingestFile(
  client: TesseraClient,
  dataSet: DataSetReference,
  format: 'json' | 'parquet',
  file: string,
): Promise<FileTimes> {
  const body = JSON.stringify({ datasetId: dataSet.id, inputFormat: { format } });
  const { id } = await client.expect<{ id: string }>({ method: 'POST', path: BATCHES, body }, 201);
  const start = performance.now();
  await upload(client, `${BATCHES}/${id}/datasets/${dataSet.id}/files/rows`, file);
  const uploaded = performance.now();
  await client.expect({ method: 'POST', path: `${BATCHES}/${id}`, query: { action: 'COMPLETE' } });
  for (;;) {
    const path = `/data/foundation/catalog/batches/${id}`;
    const { [id]: batch } = await client.expect<Record<string, { status: string }>>({ method: 'GET', path });
    if (batch?.status === 'success') return { upload: uploaded - start, ingest: performance.now() - uploaded };
    if (batch?.status === 'failed') throw new Error(`the batch failed: ${JSON.stringify(batch)}`);
    await delay(POLL_MS);
  }
}

async function upload(client: TesseraClient, path: string, file: string): Promise<void> {
  await client.expect({ method: 'POST', path, query: { action: 'INITIALIZE' } }, 201);
  await using handle = await open(file);
  const { size } = await handle.stat();
  for (let from = 0; from < size; from += PART_BYTES) {
    const part = Buffer.alloc(Math.min(PART_BYTES, size - from));
    await handle.read(part, 0, part.length, from);
    const headers = {
      'content-type': 'application/octet-stream',
      'content-range': `bytes ${from}-${from + part.length - 1}/${size}`,
    };
    await client.expect({ method: 'PATCH', path, headers, body: part });
  }
  await client.expect({ method: 'POST', path, query: { action: 'COMPLETE' } });
}
