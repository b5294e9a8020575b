import { connectRedis, redisAvailable, type EdgeRedis } from './connection.js';
import type { EdgeStoreOptions } from './edge-copies.js';

/**
 * Texts that an edge must know to answer while everything else is away: who may ask, and what it holds. They stay until
 * they are replaced or removed.
 */
export class EdgeShelf {
  private readonly redis: EdgeRedis;

  constructor(private readonly options: EdgeStoreOptions) {
    this.redis = connectRedis(options.redisUrl, options.timeout);
  }

  /** Connects; returns without a connection when Redis does not answer, which is then tried again. */
  async connect(): Promise<void> {
    await this.redis.connect().catch(() => undefined);
  }

  close(): void {
    this.redis.disconnect();
  }

  /** @throws UnavailableError when Redis does not answer. */
  async find(name: string): Promise<string | undefined> {
    const kept = await redisAvailable(this.redis.get(this.key(name)));
    return kept?.replace(/^\d+ /, '');
  }

  /** @param version of the text: one that is older than what is kept is not taken. */
  async keep(name: string, text: string, version: number): Promise<void> {
    await redisAvailable(this.redis.keepText(this.key(name), version, text));
  }

  async remove(name: string): Promise<void> {
    await redisAvailable(this.redis.del(this.key(name)));
  }

  private key(name: string): string {
    return `${this.options.redisPrefix}edge:${this.options.dataCenter}:shelf:${name}`;
  }
}
