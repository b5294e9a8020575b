import { eventually } from '@tessera/testing';
import type { DataSetReference } from '../client/record-message.js';
import type { TesseraClient } from '../client/tessera-client.js';

const BATCHES = '/data/foundation/import/batches';

export interface BatchState {
  readonly status: string;
  readonly metrics: {
    readonly inputRecordCount: number;
    readonly outputRecordCount: number;
    readonly failedRecordCount: number;
  };
  readonly errors: readonly { readonly code: string; readonly recordCount: number }[];
}

/** Sends batches as a client of the public API does. */
export class BatchClient {
  constructor(private readonly client: TesseraClient) {}

  /** Creates a batch with some files, and completes it. @returns its id. */
  async send(
    dataSet: DataSetReference,
    inputFormat: object,
    files: readonly (string | Buffer)[],
    more: object = {},
  ): Promise<string> {
    const body = JSON.stringify({ datasetId: dataSet.id, inputFormat, ...more });
    const { id } = await this.client.expect<{ id: string }>({ method: 'POST', path: BATCHES, body }, 201);
    for (const [index, content] of files.entries()) {
      await this.client.expect(
        {
          method: 'PUT',
          path: `${BATCHES}/${id}/datasets/${dataSet.id}/files/part-${index}`,
          headers: { 'content-type': 'application/octet-stream' },
          body: content,
        },
        201,
      );
    }
    await this.act(id, 'COMPLETE');
    return id;
  }

  async act(id: string, action: string): Promise<void> {
    await this.client.expect({ method: 'POST', path: `${BATCHES}/${id}`, query: { action } });
  }

  async state(id: string): Promise<BatchState> {
    const path = `/data/foundation/catalog/batches/${id}`;
    const batches = await this.client.expect<Record<string, BatchState>>({ method: 'GET', path });
    const state = batches[id];
    if (!state) throw new Error(`The catalogue does not show the batch ${id}.`);
    return state;
  }

  /** Waits until a batch is in one of its ends. @throws Error when that is another one. */
  async ended(id: string, status: string): Promise<BatchState> {
    const ended = await eventually(
      async () => {
        const state = await this.state(id);
        if (!['success', 'failed', 'aborted', 'inactive'].includes(state.status)) throw new Error(state.status);
        return state;
      },
      { timeout: 120_000, interval: 100 },
    );
    if (ended.status !== status) throw new Error(`The batch is ${ended.status}: ${JSON.stringify(ended.errors)}`);
    return ended;
  }
}
