import { Pool } from 'undici';

/** An answer of the platform, its body decoded when it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The decoded JSON; the text itself where it is something else; undefined when empty. */
  readonly body: unknown;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; say its type in `headers`. */
  readonly body?: string | Buffer;
}

/** An answer that was not the one hoped for. The message quotes the problem as the platform explained it. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';

  constructor(
    request: HttpRequest,
    readonly answer: Answer,
  ) {
    super(`${request.method} ${request.path} answered ${answer.status}: ${explanationOf(answer.body)}`);
  }
}

/** Keeps a bounded number of connections to one address; requests beyond them wait for a free one. */
export class HttpClient {
  private readonly pool: Pool;

  constructor(url: string, connections = 16) {
    this.pool = new Pool(url, { connections, pipelining: 1 });
  }

  /** Sends one request and reads the whole answer, whatever its status. @throws Error when there is no answer. */
  async request(request: HttpRequest): Promise<Answer> {
    const { statusCode, headers, body } = await this.pool.request({
      method: request.method,
      path: pathWithQuery(request),
      ...(request.headers === undefined ? {} : { headers: { ...request.headers } }),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status: statusCode, headers, body: decode(await body.text()) };
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

function pathWithQuery({ path, query = {} }: HttpRequest): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.append(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

function decode(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function explanationOf(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string') {
    return body.detail;
  }
  return JSON.stringify(body)?.slice(0, 300) ?? 'an empty body';
}
