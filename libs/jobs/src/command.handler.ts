import { deadTopic, jobCommandSchema, type JobCommand, type TopicName } from '@tessera/contracts';
import type { IncomingMessage, Producer } from '@tessera/messaging';
import type { JobsLogger } from './connection.js';
import type { JobQueue } from './job-queue.js';

export interface CommandHandlerParts {
  readonly topic: TopicName;
  readonly queue: JobQueue;
  /** Takes what cannot be decoded to the dead topic. */
  readonly producer: Producer;
  readonly logger: JobsLogger;
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
    const { topic, logger, producer } = this.parts;
    const { partition, offset } = message;
    logger.error({ topic, partition, offset }, 'Put aside a command');
    const headers = { partition: String(partition), offset: String(offset) };
    await producer.send(deadTopic(topic), [{ value: message.value, headers }]);
  }
}

function decode(message: IncomingMessage): JobCommand | undefined {
  try {
    return jobCommandSchema.parse(JSON.parse(message.value.toString('utf8')));
  } catch {
    return undefined;
  }
}
