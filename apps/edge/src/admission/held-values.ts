import { UnavailableError } from '@tessera/contracts';
import type { EdgeShelf } from '@tessera/edge-store';
import { LRUCache } from 'lru-cache';
import { PATIENCE_MS, within } from '../patience.js';

/** A value as its source has it. */
export interface SourceValue<Value> {
  readonly value: Value;
  /** Larger for later ones; a whole number. */
  readonly version: number;
}

export interface HeldValuesOptions<Value> {
  /** Asks the source; undefined where there is no such value. */
  readonly read: (key: string) => Promise<SourceValue<Value> | undefined>;
  /** Keeps values for when the source is away, also after a restart. */
  readonly shelf: Pick<EdgeShelf, 'find' | 'keep' | 'remove'>;
  /** Put before every key on the shelf. */
  readonly kind: string;
  /** Milliseconds for which a value is not asked for again. */
  readonly freshFor?: number;
  /** The clock, epoch ms. */
  readonly now?: () => number;
}

interface Held<Value> {
  value?: Value | undefined;
  /** Epoch ms from which on the source is asked again, without anybody waiting for it. */
  askedAgainFrom: number;
  /** Epoch ms; the value is taken as it is until then. */
  freshUntil: number;
  checkedAt: number;
  checking?: Promise<Value | undefined> | undefined;
}

const FRESH_FOR_MS = 500;
/** Milliseconds for which a source that did not answer is left alone. */
const LEFT_ALONE_MS = 1_000;
const MOST_VALUES = 10_000;

/**
 * What an edge must know to answer, kept current while its source answers and held while it does not: in memory, and on a
 * shelf that outlives the process. What is asked for all the time is asked of its source before it is old, so that nobody
 * waits. What does not exist is never remembered.
 */
export class HeldValues<Value extends object> {
  private readonly held = new LRUCache<string, Held<Value>>({ max: MOST_VALUES });
  private readonly now: () => number;

  constructor(private readonly options: HeldValuesOptions<Value>) {
    this.now = options.now ?? Date.now;
  }

  /** @throws UnavailableError when the source is away and nothing is held. */
  async find(key: string): Promise<Value | undefined> {
    const held = this.entry(key);
    if (held.value !== undefined && this.now() < held.freshUntil) {
      if (this.now() >= held.askedAgainFrom) this.askAhead(key, held);
      return held.value;
    }
    const checking = this.checkOnce(key, held);
    try {
      return await within(checking, PATIENCE_MS);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      held.value ??= await this.fromShelf(key, error);
      if (held.value === undefined) return checking;
      held.freshUntil = held.askedAgainFrom = this.now() + LEFT_ALONE_MS;
      return held.value;
    }
  }

  /** Asks the source again, unless that was done within the last second. */
  async recheck(key: string): Promise<void> {
    const held = this.entry(key);
    if (this.now() - held.checkedAt >= LEFT_ALONE_MS) held.freshUntil = 0;
    await this.find(key);
  }

  private entry(key: string): Held<Value> {
    let held = this.held.get(key);
    if (held === undefined) this.held.set(key, (held = { askedAgainFrom: 0, freshUntil: 0, checkedAt: 0 }));
    return held;
  }

  /** Otherwise whoever comes once the value is old would wait for the source, some in every hundred. */
  private askAhead(key: string, held: Held<Value>): void {
    held.askedAgainFrom = held.freshUntil;
    // What is wrong with the source is found by whoever asks once the value is old.
    this.checkOnce(key, held).catch(() => undefined);
  }

  private checkOnce(key: string, held: Held<Value>): Promise<Value | undefined> {
    return (held.checking ??= this.check(key, held).finally(() => (held.checking = undefined)));
  }

  private async check(key: string, held: Held<Value>): Promise<Value | undefined> {
    const startedAt = this.now();
    held.checkedAt = startedAt;
    const found = await this.options.read(key);
    if (found === undefined) {
      if (held.value !== undefined) await this.onShelf(this.options.shelf.remove(this.name(key)));
      this.held.delete(key);
      return undefined;
    }
    // The source is asked some times a second: only what is new goes to the shelf.
    if (JSON.stringify(held.value) !== JSON.stringify(found.value)) {
      await this.onShelf(this.options.shelf.keep(this.name(key), JSON.stringify(found.value), found.version));
    }
    held.value = found.value;
    const freshFor = this.options.freshFor ?? FRESH_FOR_MS;
    held.askedAgainFrom = startedAt + freshFor / 2;
    held.freshUntil = startedAt + freshFor;
    return found.value;
  }

  /** @throws the reason for looking there, where the shelf is away as well. */
  private async fromShelf(key: string, reason: UnavailableError): Promise<Value | undefined> {
    try {
      const text = await this.options.shelf.find(this.name(key));
      return text === undefined ? undefined : (JSON.parse(text) as Value);
    } catch {
      throw reason;
    }
  }

  /** A shelf that is away does not keep the value from whoever asked for it. */
  private async onShelf(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => {
      if (!(error instanceof UnavailableError)) throw error;
    });
  }

  private name(key: string): string {
    return `${this.options.kind}/${key}`;
  }
}
