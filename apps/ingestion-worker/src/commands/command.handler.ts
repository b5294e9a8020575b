import { deadTopic, ingestionCommandSchema, topics, type IngestionCommand } from '@tessera/contracts';
import type { JobQueue } from '@tessera/jobs';
import type { IncomingMessage, Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';

export interface CommandHandlerParts {
  readonly queue: JobQueue;
  /** Takes what cannot be decoded to the dead topic. */
  readonly producer: Producer;
  readonly logger: Logger;
}

/** Hands commands on to the queue of jobs: the broker's part ends there, so that long work never holds a partition. */
export class CommandHandler {
  constructor(private readonly parts: CommandHandlerParts) {}

  /** @throws UnavailableError while Redis or the broker is down; nothing is lost by calling again. */
  async handle(messages: readonly IncomingMessage[]): Promise<void> {
    for (const message of messages) {
      const command = decode(message);
      if (!command) await this.handlePoison(message);
      else {
        const { organisation, sandbox, jobId: id, type, requestId } = command;
        await this.parts.queue.add({ id, tenant: { organisation, sandbox }, type, requestId });
      }
    }
  }

  /** Puts aside a message that cannot be decoded, or cannot be handled although its neighbours can. */
  async handlePoison(message: IncomingMessage): Promise<void> {
    const { partition, offset } = message;
    this.parts.logger.error({ topic: topics.ingestionCommand, partition, offset }, 'Put aside a command');
    const headers = { partition: String(partition), offset: String(offset) };
    await this.parts.producer.send(deadTopic(topics.ingestionCommand), [{ value: message.value, headers }]);
  }
}

function decode(message: IncomingMessage): IngestionCommand | undefined {
  try {
    return ingestionCommandSchema.parse(JSON.parse(message.value.toString('utf8')));
  } catch {
    return undefined;
  }
}
