import { Pool, type Dispatcher } from 'undici';

export interface FastRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FastAnswer {
  readonly status: number;
  /** Seconds, when the answer asks to wait. */
  readonly retryAfter: number | undefined;
  readonly text: string;
}

/** Sends requests with as little work of its own as possible, so that load is limited by what is measured. */
export class FastClient {
  private readonly pool: Pool;

  constructor(url: string, connections: number) {
    this.pool = new Pool(url, { connections, pipelining: 1 });
  }

  /** @throws Error when there is no answer. */
  send(request: FastRequest): Promise<FastAnswer> {
    return new Promise((resolve, reject) => {
      this.pool.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: { ...request.headers },
          ...(request.body === undefined ? {} : { body: request.body }),
        },
        new AnswerReader(resolve, reject),
      );
    });
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

class AnswerReader implements Dispatcher.DispatchHandler {
  private status = 0;
  private retryAfter: number | undefined;
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly resolve: (answer: FastAnswer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  /** The dispatcher only takes handlers that know its newer interface by this method. */
  onRequestStart(): void {}

  onResponseStart(
    _controller: unknown,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.status = statusCode;
    const retryAfter = headers['retry-after'];
    if (typeof retryAfter === 'string') this.retryAfter = Number(retryAfter);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.resolve({
      status: this.status,
      retryAfter: this.retryAfter,
      text: Buffer.concat(this.chunks).toString('utf8'),
    });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.reject(error);
  }
}
