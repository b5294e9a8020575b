interface Waiting<Message> {
  readonly messages: readonly Message[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins the batches of several partitions: those that one answer of the brokers holds, and those that arrive while others
 * are being handled, are handled together, so that batches grow with the load and a lone message never waits.
 *
 * A joined batch that fails is handled again part by part, so that one partition's fault is never another's.
 */
export class Gathering<Message> {
  private readonly waiting: Waiting<Message>[] = [];
  private underWay = 0;

  constructor(
    private readonly handle: (messages: readonly Message[]) => Promise<void>,
    private readonly options: {
      /** Joined batches under way at once. */
      readonly concurrency: number;
      /** Messages of one joined batch; a single batch may be larger. */
      readonly maxMessages: number;
    },
  ) {}

  /** Resolves or rejects with what became of these messages. */
  submit(messages: readonly Message[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ messages, resolve, reject });
      // The other batches of the same answer are submitted before this comes.
      setImmediate(() => this.startNext());
    });
  }

  private startNext(): void {
    if (this.waiting.length === 0 || this.underWay >= this.options.concurrency) return;
    this.underWay += 1;
    void this.handleTogether(this.take()).finally(() => {
      this.underWay -= 1;
      this.startNext();
    });
  }

  private take(): Waiting<Message>[] {
    let messages = 0;
    let batches = 0;
    for (const waiting of this.waiting) {
      if (batches > 0 && messages + waiting.messages.length > this.options.maxMessages) break;
      messages += waiting.messages.length;
      batches += 1;
    }
    return this.waiting.splice(0, batches);
  }

  private async handleTogether(batches: readonly Waiting<Message>[]): Promise<void> {
    try {
      await this.handle(batches.flatMap(({ messages }) => messages));
      for (const { resolve } of batches) resolve();
    } catch (error) {
      if (batches.length === 1) batches[0]?.reject(error);
      else for (const batch of batches) await this.handleTogether([batch]);
    }
  }
}
