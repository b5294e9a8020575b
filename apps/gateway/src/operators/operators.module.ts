import { Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { AccessControl } from '@tessera/http';
import { QueueMonitor } from '@tessera/jobs';
import type { BacklogReader } from '@tessera/messaging';
import type { Metrics } from '@tessera/observability';
import { AuditStore, JobStore, type OperatorSessionStore } from '@tessera/stores';
import { AuditController } from './audit.controller.js';
import { JobsController } from './jobs.controller.js';
import { LagController } from './lag.controller.js';
import { LagReader } from './lag-reader.js';
import { OperatorAccess } from './operator-access.js';
import { showOperatorMetrics } from './operator-metrics.js';
import { QueuesController } from './queues.controller.js';
import { SessionsController } from './sessions.controller.js';

export interface OperatorsParts {
  readonly backlog: BacklogReader;
  /** Groups that feed edges. */
  readonly feeds: readonly string[];
  readonly jobs: JobStore;
  readonly audit: AuditStore;
  readonly monitor: QueueMonitor;
  readonly sessions: OperatorSessionStore;
  readonly metrics: Metrics;
  /** Whether browsers reach the gateway by HTTPS only. */
  readonly secure: boolean;
  /** Milliseconds after which a server that does not answer counts as down. */
  readonly timeout: number;
}

/** What those who run the platform look at: lag, queues, jobs. */
@Module({})
export class OperatorsModule {
  static with(parts: OperatorsParts): DynamicModule {
    const { backlog, feeds, jobs, audit, monitor, sessions, metrics, secure, timeout } = parts;
    const lag = new LagReader(backlog, feeds, timeout);
    showOperatorMetrics(metrics, lag, monitor);
    return {
      module: OperatorsModule,
      controllers: [LagController, QueuesController, JobsController, AuditController, SessionsController],
      providers: [
        { provide: LagReader, useValue: lag },
        { provide: QueueMonitor, useValue: monitor },
        { provide: JobStore, useValue: jobs },
        { provide: AuditStore, useValue: audit },
        {
          provide: OperatorAccess,
          inject: [ModuleRef],
          // Belongs to the module of authentication, as admission itself does.
          useFactory: (modules: ModuleRef) =>
            new OperatorAccess(() => modules.get(AccessControl, { strict: false }), sessions, secure),
        },
        { provide: QueueConnection, useValue: new QueueConnection(monitor) },
      ],
    };
  }
}

/** Looks at the queues for as long as the application runs. */
class QueueConnection implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly monitor: QueueMonitor) {}

  onApplicationBootstrap(): void {
    this.monitor.open();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.monitor.close();
  }
}
