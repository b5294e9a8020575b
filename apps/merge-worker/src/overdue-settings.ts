import { tenantKey, topics, type IdentitySettingsChangedMessage } from '@tessera/contracts';
import type { Producer } from '@tessera/messaging';
import type { Logger } from '@tessera/observability';
import type { IdentitySettingsRepository } from '@tessera/stores';
import { Periodical } from './periodical.js';

const INTERVAL_MS = 10_000;
/** Milliseconds after which nobody is taken to be applying changed settings any more. */
const OVERDUE_AFTER_MS = 30_000;

/** Has changed linking rules applied of which no worker was told, or whose worker died. */
export class OverdueSettings extends Periodical {
  constructor(
    private readonly settings: IdentitySettingsRepository,
    private readonly producer: Producer,
    private readonly logger: Logger,
    private readonly overdueAfter = OVERDUE_AFTER_MS,
  ) {
    super(INTERVAL_MS, (reason) => logger.warn({ reason }, 'Overdue linking rules could not be taken care of yet'));
  }

  async once(): Promise<void> {
    const until = new Date(Date.now() - this.overdueAfter);
    for (let overdue; (overdue = await this.settings.takeOverdue(until));) {
      const { organisation, sandbox, changedAt } = overdue;
      const message: IdentitySettingsChangedMessage = { organisation, sandbox, changedAt };
      await this.producer.send(topics.identitySettings, [{ key: tenantKey(overdue), value: JSON.stringify(message) }]);
      this.logger.info({ organisation, sandbox }, 'Changed linking rules were not applied yet; told the workers again');
    }
  }
}
