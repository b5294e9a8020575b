import { Module, type DynamicModule } from '@nestjs/common';
import { consumerGroups } from '@tessera/contracts';
import type { BacklogReader, Producer } from '@tessera/messaging';
import type { Logger, Metrics } from '@tessera/observability';
import { SchemaCatalogue, type DatasetReader, type NamespaceReader, type SchemaReader } from '@tessera/stores';
import { TENANT_NAME } from '../computed-attributes/tenant-name.token.js';
import { Quota, type QuotaParts } from '../quota/quota.js';
import { QuotaInterceptor } from '../quota/quota.interceptor.js';
import { AcceptanceClock } from './acceptance-clock.js';
import { BacklogMonitor } from './backlog-monitor.js';
import { CollectionController } from './collection.controller.js';
import { CollectionMetrics } from './collection-metrics.js';
import { COLLECTION_LIMITS, CollectionService, type CollectionLimits } from './collection.service.js';
import { DatasetDirectory } from './dataset-directory.js';
import { Intake, type IntakeLimits } from './intake.js';
import { NamespaceDirectory } from './namespace-directory.js';

export interface CollectionParts {
  readonly producer: Producer;
  readonly backlog: BacklogReader;
  readonly datasets: DatasetReader;
  readonly namespaces: NamespaceReader;
  readonly schemas: SchemaReader;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly limits: CollectionLimits & IntakeLimits;
  readonly quota: Omit<QuotaParts, 'metrics' | 'logger'>;
  readonly tenantName: string;
  /** Name of this instance inside transaction ids; random when absent. */
  readonly instance?: string;
}

/** The ingest path of the gateway. */
@Module({})
export class CollectionModule {
  static with(parts: CollectionParts): DynamicModule {
    const backlog = new BacklogMonitor(parts.backlog, consumerGroups.ingestion, parts.logger);
    const intake = new Intake(parts.producer, () => backlog.size, parts.limits);
    return {
      module: CollectionModule,
      controllers: [CollectionController],
      providers: [
        { provide: AcceptanceClock, useValue: new AcceptanceClock(parts.instance) },
        { provide: DatasetDirectory, useValue: new DatasetDirectory(parts.datasets) },
        { provide: NamespaceDirectory, useValue: new NamespaceDirectory(parts.namespaces) },
        { provide: SchemaCatalogue, useValue: new SchemaCatalogue(parts.schemas) },
        { provide: BacklogMonitor, useValue: backlog },
        { provide: Intake, useValue: intake },
        { provide: CollectionMetrics, useValue: new CollectionMetrics(parts.metrics, intake) },
        { provide: Quota, useValue: new Quota({ ...parts, ...parts.quota }) },
        { provide: COLLECTION_LIMITS, useValue: parts.limits },
        { provide: TENANT_NAME, useValue: parts.tenantName },
        CollectionService,
        QuotaInterceptor,
      ],
    };
  }
}
