import { HttpClient, UnexpectedAnswerError, type Answer, type HttpRequest } from './http-client.js';
import type {
  BatchAnswer,
  CountersAnswer,
  LagAnswer,
  EventsAnswer,
  ExplanationAnswer,
  ProfileAnswer,
} from './answers.js';
import { schemaNames, schemaReference, type DataSetReference, type RecordMessage } from './record-message.js';

export interface TesseraClientOptions {
  /** Base address of the gateway. */
  readonly url: string;
  readonly organisation?: string;
  readonly sandbox?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** A bearer token, instead of one got with the client's secret. */
  readonly token?: string;
  /** Connections kept to the gateway; more requests wait. */
  readonly connections?: number;
}

/** An identity as lookups take it. */
export interface IdentityReference {
  readonly namespace: string;
  readonly id: string;
}

/** Identity of the connection specification of streaming over HTTP, as clients of the published API send it. */
const STREAMING_CONNECTION = { id: 'bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb', version: '1.0' };
const PROFILE_ACCESS = '/data/core/ups/access/entities';

/** Speaks with the gateway as a client of the public API does. Knows nothing of what is behind it. */
export class TesseraClient {
  readonly organisation: string;
  readonly sandbox: string;
  private readonly http: HttpClient;
  private readonly clientId: string;
  private headers: Record<string, string> | undefined;

  constructor(private readonly options: TesseraClientOptions) {
    this.organisation = options.organisation ?? 'DEV@TesseraOrg';
    this.sandbox = options.sandbox ?? 'prod';
    this.clientId = options.clientId ?? 'dev-client';
    this.http = new HttpClient(options.url, options.connections);
    if (options.token !== undefined) this.headers = this.headersWith(options.token);
  }

  /** Fetches a token of the built-in development issuer; every later request carries it. */
  async authenticate(): Promise<Readonly<Record<string, string>>> {
    const request: HttpRequest = {
      method: 'POST',
      path: '/ims/token/v3',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: this.clientId,
        client_secret: this.options.clientSecret ?? 'dev-secret',
      }).toString(),
    };
    const token = expectStatus<{ access_token: string }>(request, await this.http.request(request), 200);
    this.headers = this.headersWith(token.access_token);
    return this.headers;
  }

  /** Sends one request with the token and the tenancy, and gives back the answer whatever its status. */
  async send(request: HttpRequest): Promise<Answer> {
    return this.http.request({
      ...request,
      headers: {
        ...(this.headers ?? (await this.authenticate())),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
    });
  }

  /** Like {@link send}. @throws UnexpectedAnswerError for any status but `status`. */
  async expect<Body>(request: HttpRequest, status = 200): Promise<Body> {
    return expectStatus<Body>(request, await this.send(request), status);
  }

  async createNamespace(code: string, name: string, idType: string): Promise<void> {
    await this.expect(post('/data/core/idnamespace/identities', { code, name, idType }), 200);
  }

  /** Creates a dataset that feeds profiles and the identity graph. */
  async createDataSet(name: string, schemaId: string): Promise<DataSetReference> {
    const [reference = ''] = await this.expect<string[]>(
      post('/data/foundation/catalog/dataSets', {
        name,
        schemaRef: schemaReference(schemaId),
        tags: { unifiedProfile: ['enabled:true'], unifiedIdentity: ['enabled:true'] },
      }),
      201,
    );
    return { id: reference.replace('@/dataSets/', ''), schemaId };
  }

  /** Creates a streaming connection and gives back its inlet's id. */
  async createInlet(name: string): Promise<string> {
    const connections = '/data/foundation/flowservice/connections';
    const auth = { specName: 'Streaming Connection', params: { dataType: 'xdm', sourceId: 'tessera-tools' } };
    const body = { name, connectionSpec: STREAMING_CONNECTION, auth };
    const { id } = await this.expect<{ id: string }>(post(connections, body), 201);
    const { items } = await this.expect<{ items: { auth: { params: { inletId: string } } }[] }>({
      method: 'GET',
      path: `${connections}/${id}`,
    });
    const inletId = items[0]?.auth.params.inletId;
    if (inletId === undefined) throw new Error(`The connection ${id} has no inlet.`);
    return inletId;
  }

  async streamRecord(inletId: string, message: RecordMessage): Promise<void> {
    await this.expect(post(`/collection/${inletId}`, message));
  }

  /** One try; the caller decides what a 429 means. */
  async tryStreamBatch(inletId: string, messages: readonly RecordMessage[]): Promise<Answer> {
    return this.send(post(`/collection/batch/${inletId}`, { messages }));
  }

  /** @throws UnexpectedAnswerError unless the batch was taken; single messages may still have been refused. */
  async streamBatch(inletId: string, messages: readonly RecordMessage[]): Promise<BatchAnswer> {
    return this.expect(post(`/collection/batch/${inletId}`, { messages }), 207);
  }

  /** The merged profile of one identity under the default policy; undefined when it was never seen. */
  async profile({ namespace, id }: IdentityReference, fields?: string): Promise<ProfileAnswer | undefined> {
    const request: HttpRequest = {
      method: 'GET',
      path: PROFILE_ACCESS,
      query: { 'schema.name': schemaNames.profile, entityId: id, entityIdNS: namespace, fields },
    };
    const answer = await this.send(request);
    if (answer.status === 404) return undefined;
    const profiles = expectStatus<Record<string, ProfileAnswer>>(request, answer, 200);
    return Object.values(profiles)[0];
  }

  /** The merged profiles of many identities, in their order, each with its identities. */
  async profiles(identities: readonly IdentityReference[], { withCA = false } = {}): Promise<ProfileAnswer[]> {
    const body = {
      schema: { name: schemaNames.profile },
      withCA,
      identities: identities.map(({ namespace, id }) => ({ entityId: id, entityIdNS: { code: namespace } })),
    };
    return Object.values(await this.expect<Record<string, ProfileAnswer>>(post(PROFILE_ACCESS, body)));
  }

  /** Which record each field of a merged profile comes from, and why. */
  async explain({ namespace, id }: IdentityReference): Promise<ExplanationAnswer> {
    const answers = await this.expect<Record<string, ExplanationAnswer>>({
      method: 'GET',
      path: `${PROFILE_ACCESS}/explain`,
      query: { 'schema.name': schemaNames.profile, entityId: id, entityIdNS: namespace },
    });
    return Object.values(answers)[0] ?? { fields: [] };
  }

  /** A page of one person's events, oldest first, from `startTime` (epoch ms) on. */
  async events({ namespace, id }: IdentityReference, limit = 1_000, startTime?: number): Promise<EventsAnswer> {
    return this.expect({
      method: 'GET',
      path: PROFILE_ACCESS,
      query: {
        'schema.name': schemaNames.event,
        'relatedSchema.name': schemaNames.profile,
        relatedEntityId: id,
        relatedEntityIdNS: namespace,
        limit,
        startTime,
      },
    });
  }

  async counters(): Promise<CountersAnswer> {
    return this.expect({ method: 'GET', path: '/data/core/ups/ops/counters' });
  }

  async lag(): Promise<LagAnswer> {
    return this.expect({ method: 'GET', path: '/data/core/ups/ops/lag' });
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  private headersWith(token: string): Record<string, string> {
    return {
      authorization: `Bearer ${token}`,
      'x-api-key': this.clientId,
      'x-gw-ims-org-id': this.organisation,
      'x-sandbox-name': this.sandbox,
    };
  }
}

function post(path: string, body: object): HttpRequest {
  return { method: 'POST', path, body: JSON.stringify(body) };
}

function expectStatus<Body>(request: HttpRequest, answer: Answer, status: number): Body {
  if (answer.status !== status) throw new UnexpectedAnswerError(request, answer);
  return answer.body as Body;
}
