import type { KafkaMessage } from 'kafkajs';

/** One message as a handler sees it. */
export class IncomingMessage {
  constructor(
    readonly partition: number,
    private readonly message: KafkaMessage,
  ) {}

  /** The message's place in its partition. Exact up to 2^53, which no partition reaches. */
  get offset(): number {
    return Number(this.message.offset);
  }

  /** When it was written, epoch ms: by the broker's clock on the topic of records, by the producer's on others. */
  get timestamp(): number {
    return Number(this.message.timestamp);
  }

  get key(): string | undefined {
    return this.message.key?.toString('utf8');
  }

  /** Empty for a message without a value. */
  get value(): Buffer {
    return this.message.value ?? Buffer.alloc(0);
  }

  /** A header's text; the first where it was given several times. */
  header(name: string): string | undefined {
    const value = this.message.headers?.[name];
    const first = Array.isArray(value) ? value[0] : value;
    return first?.toString();
  }

  /** Every header's text. */
  headers(): { readonly name: string; readonly value: string }[] {
    const names = Object.keys(this.message.headers ?? {});
    return names.map((name) => ({ name, value: this.header(name) ?? '' }));
  }
}
