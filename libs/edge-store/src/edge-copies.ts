import { tenantKey, UnavailableError, type Tenant } from '@tessera/contracts';
import { connectRedis, redisAvailable, shareWrite, type EdgeRedis } from './connection.js';

export interface EdgeStoreOptions {
  readonly redisUrl: string;
  /** Put before every key, so that deployments can share a Redis. */
  readonly redisPrefix: string;
  readonly dataCenter: string;
  /** Milliseconds after which a Redis that does not answer counts as away. */
  readonly timeout?: number;
}

/** One projection of one person. */
export interface ProjectedCopy {
  /** Of the configuration. */
  readonly projectionId: string;
  readonly generation: string;
  /** Seconds. */
  readonly ttl: number;
  /** The entity as JSON text. */
  readonly body: string;
  /** Epoch ms until which it stays as it is while nothing but time passes; infinite where that does not matter. */
  readonly steadyUntil: number;
}

/** What is to be held about one identity as of one moment. */
export interface IdentityUpdate {
  readonly xid: string;
  /** Copies not among these are dropped. */
  readonly copies: readonly (ProjectedCopy & {
    /** Whether it is only wanted where it is held already. */
    readonly onlyIfHeld: boolean;
  })[];
}

/** Which moment an update or a copy shows. */
export interface Moment {
  /** Larger for later moments; a whole number. */
  readonly version: number;
  /** Epoch ms. */
  readonly time: number;
}

/** A copy as it is held. */
export interface HeldCopy {
  readonly version: number;
  readonly generation: string;
  readonly body: string;
  /** As in {@link ProjectedCopy}. */
  readonly steadyUntil: number;
}

/** What became of an update: taken, or refused because something newer was here before. */
export type UpdateOutcome = 'stored' | 'late';

/** Milliseconds after its moment until which an update is taken. */
const OLDEST = 60_000;
/** Milliseconds for which it is remembered that nothing older is taken: by then anything older is refused for its age. */
const FLOOR = 2 * OLDEST;
/** Identities of one pipeline. */
const PIPELINE = 200;
/** Keys that one look passes by, about: a millisecond of Redis, which does nothing else meanwhile. */
const LOOKED_THROUGH = 2_000;

/**
 * The copies that the edge of one data centre holds, in Redis. Copies carry the version of the moment they show; each
 * update compares it in one atomic step, so one that comes late never takes the place of a newer one, nor brings back what
 * was removed. All keys of one identity share a hash tag, which a Redis cluster keeps together.
 */
export class EdgeCopies {
  private readonly redis: EdgeRedis;

  constructor(private readonly options: EdgeStoreOptions) {
    this.redis = connectRedis(options.redisUrl, options.timeout);
  }

  get dataCenter(): string {
    return this.options.dataCenter;
  }

  /** Connects; returns without a connection when Redis does not answer, which is then tried again. */
  async connect(): Promise<void> {
    await this.redis.connect().catch(() => undefined);
  }

  /** @throws UnavailableError when Redis does not answer. */
  async ping(): Promise<void> {
    await redisAvailable(this.redis.ping());
  }

  close(): void {
    this.redis.disconnect();
  }

  /** @throws UnavailableError when Redis does not answer. */
  async find(tenant: Tenant, xid: string, projectionId: string): Promise<HeldCopy | undefined> {
    const fields = [`m:${projectionId}`, `b:${projectionId}`] as const;
    shareWrite(this.redis);
    const [meta, body] = await redisAvailable(this.redis.hmget(this.key(tenant, xid), ...fields));
    if (typeof meta !== 'string' || typeof body !== 'string') return undefined;
    const [version = '', expiresAt = '', generation = '', steadyUntil = 'Infinity'] = meta.split(' ');
    if (Number(expiresAt) <= Date.now()) return undefined;
    return { version: Number(version), generation, body, steadyUntil: Number(steadyUntil) };
  }

  /** The identities among `xids` of which any projection is held. */
  async held(tenant: Tenant, xids: readonly string[]): Promise<ReadonlySet<string>> {
    const held = new Set<string>();
    for (let from = 0; from < xids.length; from += PIPELINE) {
      const some = xids.slice(from, from + PIPELINE);
      const pipeline = this.redis.pipeline();
      // The floor alone is one field.
      for (const xid of some) pipeline.hlen(this.key(tenant, xid));
      const lengths = await this.run(pipeline);
      some.forEach((xid, index) => Number(lengths[index]) > 1 && held.add(xid));
    }
    return held;
  }

  /**
   * Some of the identities of a sandbox that there is a key of. Those that are there all the time are found, some of them
   * twice perhaps.
   *
   * @param place empty at the beginning, then `next` of the look before; the end is where there is none.
   */
  async scan(
    tenant: Tenant,
    place: string,
  ): Promise<{ readonly xids: readonly string[]; readonly next: string | undefined }> {
    const start = this.key(tenant, '').slice(0, -1);
    const options = ['MATCH', `${literally(start)}*`, 'COUNT', LOOKED_THROUGH] as const;
    const [next, keys] = await redisAvailable(this.redis.scan(place || '0', ...options));
    return { xids: keys.map((key) => key.slice(start.length, -1)), next: next === '0' ? undefined : next };
  }

  /**
   * Drops everything about some identities, also what keeps older copies from coming back: for those of whom nobody makes
   * copies any more.
   */
  async drop(tenant: Tenant, xids: readonly string[]): Promise<void> {
    for (let from = 0; from < xids.length; from += PIPELINE) {
      const pipeline = this.redis.pipeline();
      // One by one: in a cluster a command has keys of one place only.
      for (const xid of xids.slice(from, from + PIPELINE)) pipeline.unlink(this.key(tenant, xid));
      await this.run(pipeline);
    }
  }

  /**
   * Brings what is held about some identities to one moment.
   *
   * @returns for each what became of it, in order.
   * @throws UnavailableError when Redis does not answer, or the moment is more than a minute past: read again then.
   */
  async push(
    tenant: Tenant,
    { version, time }: Moment,
    updates: readonly IdentityUpdate[],
  ): Promise<readonly UpdateOutcome[]> {
    const outcomes: UpdateOutcome[] = [];
    for (let from = 0; from < updates.length; from += PIPELINE) {
      const pipeline = this.redis.pipeline() as Pipeline & Pick<EdgeRedis, 'pushCopies'>;
      for (const { xid, copies } of updates.slice(from, from + PIPELINE)) {
        const parameters = copies.flatMap(({ projectionId, generation, ttl, onlyIfHeld, body, steadyUntil }) => [
          projectionId,
          kindOf(generation, steadyUntil),
          ttl * 1_000,
          onlyIfHeld ? 'held' : 'always',
          body,
        ]);
        void pipeline.pushCopies(this.key(tenant, xid), version, time, OLDEST, FLOOR, ...parameters);
      }
      outcomes.push(...(await this.run(pipeline)).map(outcomeOf));
    }
    return outcomes;
  }

  /**
   * Takes one copy that was asked for.
   *
   * @throws UnavailableError as {@link push} does.
   */
  async fill(tenant: Tenant, { version, time }: Moment, xid: string, copy: ProjectedCopy): Promise<UpdateOutcome> {
    const { projectionId, generation, ttl, body, steadyUntil } = copy;
    const parameters = [version, time, OLDEST, projectionId, kindOf(generation, steadyUntil), ttl * 1_000, body];
    return outcomeOf(await redisAvailable(this.redis.fillCopy(this.key(tenant, xid), ...parameters)));
  }

  private key(tenant: Tenant, xid: string): string {
    return `${this.options.redisPrefix}edge:${this.options.dataCenter}:{${tenantKey(tenant)}/${xid}}`;
  }

  private async run(pipeline: Pipeline): Promise<unknown[]> {
    const results = await redisAvailable(pipeline.exec());
    return Promise.all(
      (results ?? []).map(([error, result]) =>
        redisAvailable(error === null ? Promise.resolve(result) : Promise.reject(error)),
      ),
    );
  }
}

type Pipeline = ReturnType<EdgeRedis['pipeline']>;

/** A pattern of Redis that only a text itself meets. */
function literally(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

/** What a copy is one of, as it is stored. */
function kindOf(generation: string, steadyUntil: number): string {
  return steadyUntil === Infinity ? generation : `${generation} ${steadyUntil}`;
}

function outcomeOf(result: unknown): UpdateOutcome {
  if (result === -1) throw new UnavailableError('redis', new Error('what was to be held is more than a minute old'));
  return result === 1 ? 'stored' : 'late';
}
