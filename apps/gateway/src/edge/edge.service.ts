import { UnavailableError } from '@tessera/contracts';
import { problem } from '@tessera/http';

export interface EdgeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Headers that decide who asks, and for what. */
const PASSED_ON = ['authorization', 'x-api-key', 'x-gw-ims-org-id', 'x-sandbox-name', 'x-sandbox-id'] as const;
const PASSED_BACK = ['content-type', 'retry-after', 'www-authenticate'] as const;

/** Passes requests on to the edge of their data centre, which admits and answers them by itself. */
export class EdgeService {
  /**
   * @param addresses of edges, by data centre; under the empty name that of all others.
   * @param timeout milliseconds after which an edge that does not answer counts as down.
   */
  constructor(
    private readonly addresses: ReadonlyMap<string, string> | undefined,
    private readonly timeout: number,
  ) {}

  /**
   * @param path with its query, as the client sent it, and as the router took it: it begins with `/edge/`.
   * @throws ProblemError `unknown-data-center`; UnavailableError when the edge does not answer, or there is none.
   */
  async get(
    dataCenter: string,
    path: string,
    given: Readonly<Record<string, string | string[] | undefined>>,
    requestId: string,
  ): Promise<EdgeAnswer> {
    const url = this.addressOf(dataCenter);
    const headers = new Headers({ 'x-request-id': requestId });
    for (const name of PASSED_ON) {
      const value = given[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    try {
      const answer = await fetch(`${url.replace(/\/$/, '')}${path}`, {
        headers,
        signal: AbortSignal.timeout(this.timeout),
      });
      const back = PASSED_BACK.flatMap((name) => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, value] as const];
      });
      return {
        status: answer.status,
        headers: Object.fromEntries(back),
        body: Buffer.from(await answer.arrayBuffer()),
      };
    } catch (error) {
      throw new UnavailableError('edge', error);
    }
  }

  private addressOf(dataCenter: string): string {
    if (this.addresses === undefined) throw new UnavailableError('edge', new Error('EDGE_URL is not configured'));
    const url = this.addresses.get(dataCenter) ?? this.addresses.get('');
    if (url !== undefined) return url;
    const known = [...this.addresses.keys()].join(', ');
    throw problem('unknown-data-center', { detail: `There are edges of the data centres ${known}, and no other.` });
  }
}
