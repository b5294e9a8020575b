import { connect, type Socket } from 'node:net';

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

interface UnderWay {
  readonly resolve: (answer: FastAnswer) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const RETRY_AFTER = /\r\nretry-after: *(\d+)/i;

/** One open connection that carries one request at a time: the part of HTTP/1.1 (RFC 9112) that the platform answers with. */
export class FastConnection {
  private readonly socket: Socket;
  private readonly host: string;
  private underWay: UnderWay | undefined;
  /** What has come of the answer so far. */
  private received: Buffer | undefined;

  constructor(
    address: { readonly host: string; readonly port: number },
    private readonly owner: { readonly onFree: () => void; readonly onClose: () => void },
  ) {
    this.host = `${address.host}:${address.port}`;
    this.socket = connect(address)
      .setNoDelay(true)
      .on('data', (part) => this.take(part))
      .on('error', (error) => this.fail(error))
      .on('close', () => {
        this.owner.onClose();
        this.fail(new Error(`${this.host} closed the connection before its answer`));
      });
  }

  send(request: FastRequest, resolve: UnderWay['resolve'], reject: UnderWay['reject']): void {
    this.underWay = { resolve, reject };
    this.socket.write(textOf(request, this.host));
  }

  close(): void {
    this.socket.destroy();
  }

  private take(part: Buffer): void {
    this.received = this.received === undefined ? part : Buffer.concat([this.received, part]);
    const headEnd = this.received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.received.toString('latin1', 0, headEnd);
    const length = numberIn(head, CONTENT_LENGTH);
    if (length === undefined) {
      this.socket.destroy(new Error(`${this.host} answered without a content-length: ${head}`));
      return;
    }
    const bodyStart = headEnd + HEAD_END.length;
    if (this.received.length < bodyStart + length) return;
    const text = this.received.toString('utf8', bodyStart, bodyStart + length);
    const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    this.received = undefined;
    const { underWay } = this;
    this.underWay = undefined;
    underWay?.resolve({ status, retryAfter: numberIn(head, RETRY_AFTER), text });
    this.owner.onFree();
  }

  private fail(error: Error): void {
    this.underWay?.reject(error);
    this.underWay = undefined;
  }
}

function textOf({ method, path, headers, body }: FastRequest, host: string): string {
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  if (body === undefined) return `${text}\r\n`;
  return `${text}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function numberIn(head: string, header: RegExp): number | undefined {
  const found = header.exec(head)?.[1];
  return found === undefined ? undefined : Number(found);
}
