import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger, Counter, Metrics } from '@tessera/observability';
import { SharedBudgets, type BudgetAnswer } from '@tessera/quota';

export interface QuotaParts {
  /** Records an organisation may stream a second; undefined: as many as it likes. */
  readonly recordsPerSecond: number | undefined;
  /** By organisation, in place of the above; null: as many as it likes. */
  readonly byOrganisation: Readonly<Record<string, number | null>>;
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The records a second of each organisation, over all gateways (spec 02-conventions, "Errors": over the rate). */
export class Quota implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly standard: number | null;
  private readonly special: ReadonlyMap<string, number | null>;
  /** Absent where no quota is configured: then Redis is not needed. */
  private readonly budgets: SharedBudgets | undefined;
  private readonly refused: Counter<'organisation'>;

  constructor({ recordsPerSecond, byOrganisation, redisUrl, redisPrefix, metrics, logger }: QuotaParts) {
    this.standard = recordsPerSecond ?? null;
    this.special = new Map(Object.entries(byOrganisation));
    const isLimited = [this.standard, ...this.special.values()].some((limit) => limit !== null);
    this.budgets = isLimited
      ? new SharedBudgets({ redisUrl, prefix: redisPrefix, onSharing: (shared) => tell(logger, shared) })
      : undefined;
    this.refused = metrics.counter({
      name: 'tessera_quota_refused_total',
      help: 'Records refused because their organisation was over its records a second.',
      labels: ['organisation'],
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.budgets?.connect();
  }

  onApplicationShutdown(): void {
    this.budgets?.close();
  }

  /** Takes as many records of the organisation's quota, or none; undefined where it has no quota. */
  async take(organisation: string, records: number): Promise<BudgetAnswer | undefined> {
    const limit = this.special.has(organisation) ? this.special.get(organisation) : this.standard;
    if (this.budgets === undefined || limit === undefined || limit === null) return undefined;
    const answer = await this.budgets.take(organisation, limit, records);
    if (!answer.granted) this.refused.inc({ organisation }, records);
    return answer;
  }
}

function tell(logger: Logger, shared: boolean): void {
  if (shared) logger.info('Redis answers again; quotas hold over all gateways');
  else logger.warn('Redis does not answer; each gateway counts its own records against the quotas');
}
