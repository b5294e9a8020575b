import { Module, type DynamicModule } from '@nestjs/common';
import { Metrics } from '@tessera/observability';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { ReadinessChecks, type ReadinessCheck } from './readiness-checks.js';

export interface OperationsParts {
  readonly metrics: Metrics;
  /** Every dependency without which the service cannot do its work, by the name operators know it under. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Milliseconds a dependency has to answer a readiness check. */
  readonly timeout?: number;
}

/** `/health/live`, `/health/ready` and `/metrics`, the same for every service. */
@Module({})
export class OperationsModule {
  static with({ metrics, checks, timeout }: OperationsParts): DynamicModule {
    return {
      module: OperationsModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Metrics, useValue: metrics },
        { provide: ReadinessChecks, useValue: new ReadinessChecks(checks, timeout) },
      ],
    };
  }
}
