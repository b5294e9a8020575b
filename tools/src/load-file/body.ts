import type { JsonObject, RecordOperation } from '@tessera/contracts';
import { schemaReference } from '../client/record-message.js';

/** Records of one request, each as the text of its message. */
export interface Body {
  /** Numbers of the rows, in the order of the messages. */
  readonly rows: readonly number[];
  readonly messages: readonly string[];
}

export interface EnvelopeOptions {
  readonly organisation: string;
  readonly datasetId: string;
  readonly schemaId: string;
  readonly operation: RecordOperation | undefined;
}

/** Wraps records into the published envelope, as text: only the record itself differs between them. */
export function envelopeWriter(options: EnvelopeOptions): (record: JsonObject) => string {
  const schemaRef = schemaReference(options.schemaId);
  const header = {
    schemaRef,
    imsOrgId: options.organisation,
    datasetId: options.datasetId,
    source: { name: 'tessera-load' },
    ...(options.operation === undefined ? {} : { operations: { data: options.operation } }),
  };
  const before = `{"header":${JSON.stringify(header)},"body":{"xdmMeta":${JSON.stringify({ schemaRef })},"xdmEntity":`;
  return (record) => `${before}${JSON.stringify(record)}}}`;
}

/** Collects messages into bodies within the bounds of the gateway. */
export class BodyBuilder {
  private rows: number[] = [];
  private messages: string[] = [];
  private bytes = 0;

  constructor(
    private readonly maxRecords: number,
    private readonly maxBytes: number,
  ) {}

  /** @returns the body that is full without this message, if it is. */
  add(row: number, message: string): Body | undefined {
    const bytes = Buffer.byteLength(message) + 1;
    const isFull = this.rows.length >= this.maxRecords || this.bytes + bytes > this.maxBytes;
    const full = isFull ? this.take() : undefined;
    this.rows.push(row);
    this.messages.push(message);
    this.bytes += bytes;
    return full;
  }

  /** What is there, if anything. */
  take(): Body | undefined {
    if (this.rows.length === 0) return undefined;
    const body = { rows: this.rows, messages: this.messages };
    this.rows = [];
    this.messages = [];
    this.bytes = 0;
    return body;
  }
}

export function textOf({ messages }: Body): string {
  return `{"messages":[${messages.join(',')}]}`;
}

/** The two halves of a body of several messages. */
export function halvesOf({ rows, messages }: Body): readonly [Body, Body] {
  const middle = Math.ceil(rows.length / 2);
  return [
    { rows: rows.slice(0, middle), messages: messages.slice(0, middle) },
    { rows: rows.slice(middle), messages: messages.slice(middle) },
  ];
}
