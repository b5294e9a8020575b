import type { OnApplicationShutdown } from '@nestjs/common';

/** Connections of a worker, closed one after the other once whatever uses them has stopped and written what it had in hand. */
export class ClosedAtShutdown implements OnApplicationShutdown {
  constructor(private readonly connections: readonly { close(): Promise<void> }[]) {}

  async onApplicationShutdown(): Promise<void> {
    for (const connection of this.connections) await connection.close();
  }
}
