import type { BatchAnswer } from '../client/answers.js';
import { UnexpectedAnswerError, type Answer } from '../client/http-client.js';
import { TesseraClient } from '../client/tessera-client.js';
import { CommandError } from '../command/command.js';
import type { LoadOptions } from './options.js';

/** What the gateway says to one body, as far as it matters here. */
export type Reply =
  | { readonly kind: 'taken'; readonly responses: BatchAnswer['responses'] }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'slow-down'; readonly seconds: number }
  | { readonly kind: 'unavailable'; readonly seconds: number; readonly detail: string };

/** The inlet of a gateway that records are sent to. */
export class Destination {
  private readonly client: TesseraClient;
  private inletId: string | undefined;

  constructor(private readonly options: LoadOptions) {
    const { gatewayUrl: url, concurrency: connections, organisation, sandbox, clientId, clientSecret, token } = options;
    const credentials = token === undefined ? { clientSecret } : { token };
    this.client = new TesseraClient({ url, connections, organisation, sandbox, clientId, ...credentials });
    this.inletId = options.inletId;
  }

  /**
   * Makes everything ready: a token, an inlet, and the schema of the dataset.
   *
   * @returns the schema's id. @throws CommandError when something is missing or not allowed.
   */
  async open(): Promise<string> {
    const { token, schemaId, datasetId } = this.options;
    if (token === undefined) {
      await this.asked('The client gets no token (--client-id, --client-secret, or --token)', () =>
        this.client.authenticate(),
      );
    }
    const schema = schemaId ?? (await this.schemaOf(datasetId));
    this.inletId ??= await this.asked('No streaming connection can be made (name the inlet of one with --inlet)', () =>
      this.client.createInlet('tessera load'),
    );
    return schema;
  }

  /** Sends a body once. @throws CommandError when sending it again would not help. */
  async send(body: string): Promise<Reply> {
    const path = `/collection/batch/${encodeURIComponent(this.inletId ?? '')}`;
    let answer: Answer;
    try {
      answer = await this.client.send({ method: 'POST', path, body });
      // Tokens end while long files are sent.
      if (answer.status === 401 && this.options.token === undefined) {
        await this.client.authenticate();
        answer = await this.client.send({ method: 'POST', path, body });
      }
    } catch (error) {
      if (error instanceof UnexpectedAnswerError) return replyOf(error.answer);
      return { kind: 'unavailable', seconds: 0, detail: 'there is no answer' };
    }
    return replyOf(answer);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private async schemaOf(datasetId: string): Promise<string> {
    const path = `/data/foundation/catalog/dataSets/${encodeURIComponent(datasetId)}`;
    const answer = await this.asked(`The dataset ${datasetId} cannot be read (check --dataset and --sandbox)`, () =>
      this.client.expect<Record<string, { schemaRef?: { id?: string } }>>({ method: 'GET', path }),
    );
    const schema = answer[datasetId]?.schemaRef?.id;
    if (schema !== undefined) return schema;
    throw new CommandError(`The dataset ${datasetId} does not say its schema: say it with --schema.`);
  }

  private async asked<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof UnexpectedAnswerError) throw refusal(what, error.answer);
      throw new CommandError(`There is no answer from ${this.options.gatewayUrl}. Does the gateway run there (--url)?`);
    }
  }
}

const refusals: Readonly<Record<number, string>> = {
  401: 'The token is not valid, or no longer',
  403: 'The client may not send records here',
  404: 'There is no such inlet',
};

function replyOf(answer: Answer): Reply {
  const { status } = answer;
  if (status === 207) return { kind: 'taken', responses: (answer.body as BatchAnswer).responses };
  if (status === 413) return { kind: 'too-large' };
  if (status === 429) return { kind: 'slow-down', seconds: waitOf(answer) };
  if (status >= 500) return { kind: 'unavailable', seconds: waitOf(answer), detail: `it answers ${status}` };
  throw refusal(refusals[status] ?? 'The gateway does not read the records', answer);
}

/** Seconds the answer asks to wait (RFC 9110 §10.2.3, a number or a date); 0 where it does not say. */
function waitOf({ headers }: Answer): number {
  const said = headers['retry-after'];
  if (typeof said !== 'string') return 0;
  const seconds = /^\d+$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1_000;
  return seconds > 0 ? seconds : 0;
}

function refusal(what: string, { status, body }: Answer): CommandError {
  const explained = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : undefined;
  return new CommandError(`${what}: ${typeof explained === 'string' ? explained : `the gateway answers ${status}.`}`);
}
