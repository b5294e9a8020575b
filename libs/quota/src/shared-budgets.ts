import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { redisConnection } from './redis-connection.js';

/** What was asked of a budget, and what is left of it. */
export interface BudgetAnswer {
  readonly granted: boolean;
  /** Units of the budget in a window. */
  readonly limit: number;
  /** Units that can still be taken until {@link reset}. */
  readonly remaining: number;
  /** Milliseconds until the whole budget is there again. */
  readonly reset: number;
  /** Whether all instances' takings were counted; otherwise only this one's, because Redis did not answer. */
  readonly shared: boolean;
}

export interface SharedBudgetsOptions {
  readonly redisUrl: string;
  /** Put before every key. */
  readonly prefix: string;
  /** Whole seconds a budget is for; one when absent. */
  readonly window?: number;
  /** Told when Redis stops answering, and when it answers again. */
  readonly onSharing?: (shared: boolean) => void;
}

/**
 * Takes nothing where less is left than asked for: what is refused costs nothing. ARGV: units, seconds the taking lasts,
 * limit. Gives back, as the limiter expects, what would be taken by now and the milliseconds until it is forgotten.
 */
const ALL_OR_NOTHING = `
local after = tonumber(redis.call('get', KEYS[1]) or '0') + tonumber(ARGV[1])
if after <= tonumber(ARGV[3]) then
  redis.call('set', KEYS[1], 0, 'EX', ARGV[2], 'NX')
  redis.call('incrby', KEYS[1], ARGV[1])
end
return {after, math.max(redis.call('pttl', KEYS[1]), 0)}`;

const DEFAULT_WINDOW = 1;
/** Milliseconds for which a Redis that did not answer is left alone. */
const LEFT_ALONE_MS = 1_000;
const KEY = 'quota';

/**
 * Budgets that every instance of every service takes from, counted in Redis over windows of a second. A window begins with
 * the first that takes something. Without Redis each instance counts for itself, so that a lost Redis stops nobody.
 */
export class SharedBudgets {
  private readonly redis: Redis;
  private readonly sharedByLimit = new Map<number, RateLimiterRedis>();
  private readonly ownByLimit = new Map<number, RateLimiterMemory>();
  private readonly window: number;
  private shared = true;
  private leaveAloneUntil = 0;

  constructor(private readonly options: SharedBudgetsOptions) {
    this.window = options.window ?? DEFAULT_WINDOW;
    // What is wrong shows in the commands that fail.
    this.redis = redisConnection(options.redisUrl, () => undefined);
  }

  /** Connects; returns without a connection when Redis does not answer. */
  async connect(): Promise<void> {
    await this.redis.connect().catch(() => undefined);
  }

  /**
   * Takes `units` of a budget, all or nothing. What exceeds a whole budget is granted when nothing of it is taken, and
   * uses up as many windows as it is worth.
   *
   * @param limit units a window, the same at every call for this key.
   */
  async take(key: string, limit: number, units: number): Promise<BudgetAnswer> {
    const wanted = Math.min(units, limit);
    const lasting = { customDuration: Math.ceil(units / limit) * this.window };
    const fromRedis = await this.takeShared(key, limit, wanted, lasting);
    if (fromRedis !== undefined) return fromRedis;
    const own = this.ownLimiter(limit);
    const result = await outcome(own.consume(key, wanted, lasting));
    if (!result.granted) await own.reward(key, wanted);
    return answer(result, limit, wanted, false);
  }

  close(): void {
    this.redis.disconnect();
  }

  /** Undefined while Redis does not answer. */
  private async takeShared(
    key: string,
    limit: number,
    wanted: number,
    lasting: { readonly customDuration: number },
  ): Promise<BudgetAnswer | undefined> {
    if (Date.now() < this.leaveAloneUntil) return undefined;
    try {
      const result = await outcome(this.sharedLimiter(limit).consume(key, wanted, lasting));
      this.tell(true);
      return answer(result, limit, wanted, true);
    } catch {
      this.leaveAloneUntil = Date.now() + LEFT_ALONE_MS;
      this.tell(false);
      return undefined;
    }
  }

  private tell(shared: boolean): void {
    if (this.shared === shared) return;
    this.shared = shared;
    this.options.onSharing?.(shared);
  }

  private sharedLimiter(limit: number): RateLimiterRedis {
    let limiter = this.sharedByLimit.get(limit);
    if (limiter === undefined) {
      limiter = new RateLimiterRedis({
        storeClient: this.redis,
        keyPrefix: `${this.options.prefix}${KEY}`,
        points: limit,
        duration: this.window,
        customIncrTtlLuaScript: ALL_OR_NOTHING,
      });
      this.sharedByLimit.set(limit, limiter);
    }
    return limiter;
  }

  private ownLimiter(limit: number): RateLimiterMemory {
    let limiter = this.ownByLimit.get(limit);
    if (limiter === undefined) {
      limiter = new RateLimiterMemory({ keyPrefix: KEY, points: limit, duration: this.window });
      this.ownByLimit.set(limit, limiter);
    }
    return limiter;
  }
}

interface Outcome {
  readonly granted: boolean;
  readonly state: RateLimiterRes;
}

/** The limiter rejects with its state where it refuses, and with an Error where it could not decide. */
async function outcome(consuming: Promise<RateLimiterRes>): Promise<Outcome> {
  try {
    return { granted: true, state: await consuming };
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return { granted: false, state: refusal };
    throw refusal;
  }
}

function answer({ granted, state }: Outcome, limit: number, wanted: number, shared: boolean): BudgetAnswer {
  const taken = granted ? state.consumedPoints : state.consumedPoints - wanted;
  return { granted, limit, remaining: limit - taken, reset: Math.max(0, state.msBeforeNext), shared };
}
