import { Module, type DynamicModule } from '@nestjs/common';
import type { JobCommands } from '@tessera/jobs';
import {
  AbandonedDeletions,
  AuditStore,
  BatchStore,
  DatasetStore,
  DeletionAcceptance,
  DeletionFences,
  DeletionReceipts,
  FenceSetter,
  JobStore,
  WithdrawnBatches,
  type Database,
} from '@tessera/stores';
import { lookupProviders } from '../profile-access/lookup.providers.js';
import { DELETION_PARTS, DeletionsService, type DeletionParts } from './deletions.service.js';
import { ProfileDeletionController } from './profile-deletion.controller.js';
import { SystemJobsController } from './system-jobs.controller.js';
import { SYSTEM_JOB_PARTS, SystemJobsService, type SystemJobParts } from './system-jobs.service.js';

export interface SystemJobsOptions {
  readonly database: Database;
  readonly commands: JobCommands;
  /** Identities that one person may have to be deleted as one. */
  readonly maxIdentities: number;
}

/** System jobs, and asking for the deletions among them. */
@Module({})
export class SystemJobsModule {
  static with({ database, commands, maxIdentities }: SystemJobsOptions): DynamicModule {
    const jobs: SystemJobParts = {
      jobs: new JobStore(database),
      receipts: new DeletionReceipts(database),
      audit: new AuditStore(database),
      fences: new FenceSetter(database),
      abandoned: new AbandonedDeletions(database),
      batches: new WithdrawnBatches(database),
    };
    const deletions: DeletionParts = {
      acceptance: new DeletionAcceptance(database),
      datasets: new DatasetStore(database),
      fences: new DeletionFences(database),
      batches: new BatchStore(database),
      commands,
    };
    return {
      module: SystemJobsModule,
      controllers: [SystemJobsController, ProfileDeletionController],
      providers: [
        ...lookupProviders(database, maxIdentities),
        { provide: SYSTEM_JOB_PARTS, useValue: jobs },
        { provide: DELETION_PARTS, useValue: deletions },
        SystemJobsService,
        DeletionsService,
      ],
    };
  }
}
