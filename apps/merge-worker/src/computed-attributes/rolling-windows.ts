import type { Logger } from '@tessera/observability';
import type { ComputedAttributeStore, PassingTime } from '@tessera/stores';
import { Periodical } from '../periodical.js';
import type { FiguresUpdater } from './figures-updater.js';

const INTERVAL_MS = 10_000;
/** Milliseconds of passing time followed at least at once. */
const LEAST_MS = 60_000;

/**
 * Tells whose values change by the passing of time alone, because events enter or leave the window of an attribute, so
 * that copies of them are made anew. Whoever reads values has them right without this.
 */
export class RollingWindows extends Periodical {
  constructor(
    private readonly time: PassingTime,
    private readonly attributes: Pick<ComputedAttributeStore, 'processedByTenant'>,
    private readonly updater: FiguresUpdater,
    private readonly logger: Logger,
    private readonly least = LEAST_MS,
  ) {
    super(INTERVAL_MS, (reason) => logger.warn({ reason }, 'The passing of time could not be followed yet'));
  }

  async once(): Promise<void> {
    const stretch = await this.time.take(Date.now(), this.least);
    if (!stretch) return;
    let identities = 0;
    for (const [tenant, attributes] of await this.attributes.processedByTenant()) {
      for await (const xids of this.time.affected(tenant, attributes, stretch)) {
        await this.updater.announce(tenant, xids, stretch.to);
        identities += xids.length;
      }
    }
    await this.time.followed(stretch);
    if (identities > 0) this.logger.info({ identities }, 'Windows rolled over events of these identities');
  }
}
