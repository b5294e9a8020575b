import { LRUCache } from 'lru-cache';
import { tenantKey, type Tenant } from '@tessera/contracts';
import { PUBLICATION_NOTICED_WITHIN } from './computed-attribute.js';
import type { ComputedAttributeStore } from './computed-attribute-store.js';

interface Reading {
  readonly counted: Promise<boolean>;
  /** Milliseconds of the process's steady clock. */
  readonly startedAt: number;
}

/**
 * Which sandboxes count events for computed attributes. To be asked once events are stored: whoever publishes an attribute
 * waits as long as an answer is believed before it looks for stored events, so that none is missed by both.
 */
export class CountedTenants {
  private readonly readings = new LRUCache<string, Reading>({ max: 10_000 });

  constructor(private readonly attributes: Pick<ComputedAttributeStore, 'hasActive'>) {}

  /** @throws UnavailableError */
  async has(tenant: Tenant): Promise<boolean> {
    const key = tenantKey(tenant);
    const known = this.readings.get(key);
    if (known && performance.now() - known.startedAt < PUBLICATION_NOTICED_WITHIN) return known.counted;
    const reading = { counted: this.attributes.hasActive(tenant), startedAt: performance.now() };
    this.readings.set(key, reading);
    reading.counted.catch(() => this.readings.delete(key));
    return reading.counted;
  }
}
