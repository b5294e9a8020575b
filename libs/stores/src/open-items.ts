import type { MongoClient } from 'mongodb';

/** Where an item stands. */
const place = Symbol('place');

interface Placed {
  [place]?: number | undefined;
}

/**
 * Items that are added and deleted all the time, without an order. An item is in one such collection at most.
 *
 * V8 moves a `Set` that is used like this to a new table every few dozen times, and links each old table to the one after
 * it. Once one of them is in the old generation, every later one counts as reachable whenever the young generation is
 * collected, with all that was in it when it was left. Here the place of an item is cleared when it is deleted.
 */
export class OpenItems<Item extends object> implements Iterable<Item> {
  private readonly items: (Item & Placed)[] = [];

  get size(): number {
    return this.items.length;
  }

  add(item: Item & Placed): this {
    item[place] ??= this.items.push(item) - 1;
    return this;
  }

  /** @returns whether it was there. */
  delete(item: Item & Placed): boolean {
    const freed = item[place];
    if (freed === undefined) return false;
    item[place] = undefined;
    const last = this.items.pop();
    if (last !== undefined && last !== item) {
      this.items[freed] = last;
      last[place] = freed;
    }
    return true;
  }

  clear(): void {
    for (const item of this.items) item[place] = undefined;
    this.items.length = 0;
  }

  [Symbol.iterator](): ArrayIterator<Item> {
    return this.items.values();
  }
}

/** What a client of the driver, 7.x, keeps for itself, for as long as it lives. */
interface ClientInternals {
  readonly s: { activeCursors: Iterable<object>; activeSessions: Iterable<object> };
}

/**
 * Lets what a query leaves behind die young. In the driver's own sets cursors and sessions outlive their queries, with the
 * answers they hold ({@link OpenItems}): some 15 kB a query, which the old generation is collected for again and again.
 * To be called before the first query.
 */
export function letQueriesDieYoung(client: MongoClient): void {
  const { s } = client as unknown as ClientInternals;
  s.activeCursors = new OpenItems();
  s.activeSessions = new OpenItems();
}
