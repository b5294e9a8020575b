import { LRUCache } from 'lru-cache';

interface Reading<Value> {
  readonly value: Promise<Value | undefined>;
  /** Epoch ms. */
  readonly startedAt: number;
}

export interface BriefCacheOptions {
  /** Milliseconds a value is believed, counted from when its reading began. */
  readonly timeToLive?: number;
  readonly maxEntries?: number;
  /** The clock, epoch ms. */
  readonly now?: () => number;
}

/** Half of what a removal may take to be noticed everywhere, so that two such caches may lie behind each other. */
const TIME_TO_LIVE = 500;
const MAX_ENTRIES = 10_000;

/**
 * Spares a busy gateway most of its readings of things that hardly ever change. What exists is believed for a moment; what
 * does not exist is never remembered, so that it is there as soon as it is created, on whichever instance.
 */
export class BriefCache<Value> {
  private readonly readings: LRUCache<string, Reading<Value>>;
  private readonly timeToLive: number;
  private readonly now: () => number;

  constructor(
    private readonly read: (key: string) => Promise<Value | undefined>,
    options: BriefCacheOptions = {},
  ) {
    this.readings = new LRUCache({ max: options.maxEntries ?? MAX_ENTRIES });
    this.timeToLive = options.timeToLive ?? TIME_TO_LIVE;
    this.now = options.now ?? Date.now;
  }

  async find(key: string): Promise<Value | undefined> {
    const known = this.readings.get(key);
    if (known !== undefined && this.now() - known.startedAt < this.timeToLive) {
      // A reading under way may have begun before the thing was created: its "no" is no answer to this question.
      const value = await known.value;
      if (value !== undefined) return value;
    }
    return this.readAfresh(key);
  }

  /** To be called after a change, by whoever made it. */
  forget(key: string): void {
    this.readings.delete(key);
  }

  private async readAfresh(key: string): Promise<Value | undefined> {
    const reading = { value: this.read(key), startedAt: this.now() };
    this.readings.set(key, reading);
    try {
      const value = await reading.value;
      if (value === undefined) this.drop(key, reading);
      return value;
    } catch (error) {
      this.drop(key, reading);
      throw error;
    }
  }

  private drop(key: string, reading: Reading<Value>): void {
    if (this.readings.peek(key) === reading) this.readings.delete(key);
  }
}
