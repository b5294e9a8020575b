import DataLoader from 'dataloader';

export interface JoinedReadsOptions {
  /** Reads under way at once; what is asked for meanwhile goes together in the next one. */
  readonly maxUnderWay?: number;
  /** Keys of one read. */
  readonly maxKeys?: number;
}

/**
 * Joins reads that are asked for while others are under way, so that under load one query serves many requests. Nothing is
 * remembered: an answer always comes from a read that started after it was asked for, so it is never stale.
 */
export class JoinedReads<Key, Value> {
  private readonly loader: DataLoader<Key, Value>;
  private readonly waiting: (() => void)[] = [];
  private underWay = 0;

  /** @param read gives one value per key, in the order of the keys. */
  constructor(read: (keys: readonly Key[]) => Promise<readonly Value[]>, options: JoinedReadsOptions = {}) {
    const { maxUnderWay = 2, maxKeys = 100 } = options;
    this.loader = new DataLoader(
      async (keys) => {
        try {
          return await read(keys);
        } finally {
          this.underWay -= 1;
          this.waiting.shift()?.();
        }
      },
      {
        cache: false,
        maxBatchSize: maxKeys,
        batchScheduleFn: (dispatch) => {
          const start = () => {
            this.underWay += 1;
            dispatch();
          };
          if (this.underWay < maxUnderWay) process.nextTick(start);
          else this.waiting.push(start);
        },
      },
    );
  }

  /** @throws whatever the joined read failed with. */
  load(key: Key): Promise<Value> {
    return this.loader.load(key);
  }
}
