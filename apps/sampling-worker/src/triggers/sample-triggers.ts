import { randomUUID } from 'node:crypto';
import type { Tenant } from '@tessera/contracts';
import { isSampleDue } from '@tessera/domain';
import type { JobCommands, RepeatingTask } from '@tessera/jobs';
import type { Logger } from '@tessera/observability';
import {
  BatchStore,
  PeopleCounter,
  SampleReportStore,
  type Database,
  type PeopleCount,
  type SampleSummary,
} from '@tessera/stores';

export interface SampleTriggersOptions {
  readonly database: Database;
  readonly commands: JobCommands;
  readonly logger: Logger;
  /** Milliseconds between looks at every sandbox. */
  readonly streamingInterval: number;
  /** Milliseconds between looks at the sandboxes into which batches were ingested. */
  readonly batchInterval: number;
}

const PAGE = 200;

/** Asks for a sample where the number of people has moved enough since the last one (spec 08-preview-sample). */
export class SampleTriggers {
  private readonly people: PeopleCounter;
  private readonly reports: SampleReportStore;
  private readonly batches: BatchStore;

  constructor(private readonly options: SampleTriggersOptions) {
    this.people = new PeopleCounter(options.database);
    this.reports = new SampleReportStore(options.database);
    this.batches = new BatchStore(options.database);
  }

  /** The looks, as tasks that repeat. */
  tasks(): RepeatingTask[] {
    const { streamingInterval, batchInterval } = this.options;
    return [
      { name: 'sample-after-streaming', every: streamingInterval, run: () => this.look('streaming') },
      { name: 'sample-after-batches', every: batchInterval, run: () => this.look('batch') },
    ];
  }

  /** Looks at every sandbox once. @throws UnavailableError */
  async look(trigger: 'streaming' | 'batch'): Promise<void> {
    for (let after: Tenant | undefined; ;) {
      const page = await this.people.list(after, PAGE);
      for (const { tenant, count } of page) {
        if (await this.isDue(tenant, count, trigger)) await this.ask(tenant, trigger);
      }
      after = page.at(-1)?.tenant;
      if (page.length < PAGE) return;
    }
  }

  private async isDue(tenant: Tenant, now: PeopleCount, trigger: 'streaming' | 'batch'): Promise<boolean> {
    const last = await this.reports.latestSummary(tenant);
    if (!hasMoved(now, last)) return false;
    if (trigger === 'streaming') return true;
    const batch = await this.batches.lastIngested(tenant);
    return batch !== undefined && (batch.finishedAt ?? 0) > (last?.at ?? 0);
  }

  private async ask(tenant: Tenant, trigger: 'streaming' | 'batch'): Promise<void> {
    const { commands, logger } = this.options;
    const requestId = randomUUID();
    const { id } = await commands.submitSole(tenant, {
      id: randomUUID(),
      type: 'SAMPLE',
      properties: { trigger },
      requestedBy: 'sampling-worker',
      requestId,
      createdAt: Date.now(),
    });
    logger.info({ ...tenant, requestId, jobId: id, trigger }, 'Asked for a sample: the number of people has moved');
  }
}

/** By whichever number the last report's people were counted. */
function hasMoved(now: PeopleCount, last: SampleSummary | undefined): boolean {
  const number = last?.mergeStrategy.endsWith('_none') ? 'identities' : 'clusters';
  return isSampleDue(now[number], last?.people[number]);
}
