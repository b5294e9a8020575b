import { Module, type DynamicModule } from '@nestjs/common';
import { JobCommands } from '@tessera/jobs';
import {
  DatasetStore,
  ExportJobReader,
  ExportStore,
  JobStore,
  MergePolicyStore,
  Snapshots,
  type Database,
} from '@tessera/stores';
import { TENANT_NAME } from '../computed-attributes/tenant-name.token.js';
import { MergePolicyService } from '../merge-policies/merge-policy.service.js';
import { ExportJobsController } from './export-jobs.controller.js';
import { ExportJobsService } from './export-jobs.service.js';

export interface ExportJobsParts {
  readonly database: Database;
  readonly commands: JobCommands;
  /** Computed attributes stand under it in profiles, after an underscore. */
  readonly tenantName: string;
}

@Module({})
export class ExportJobsModule {
  static with({ database, commands, tenantName }: ExportJobsParts): DynamicModule {
    const datasets = new DatasetStore(database);
    return {
      module: ExportJobsModule,
      controllers: [ExportJobsController],
      providers: [
        { provide: DatasetStore, useValue: datasets },
        { provide: MergePolicyService, useValue: new MergePolicyService(new MergePolicyStore(database), datasets) },
        { provide: ExportStore, useValue: new ExportStore(database) },
        { provide: ExportJobReader, useValue: new ExportJobReader(database) },
        { provide: JobStore, useValue: new JobStore(database) },
        { provide: JobCommands, useValue: commands },
        { provide: TENANT_NAME, useValue: tenantName },
        { provide: Snapshots, useValue: new Snapshots(database) },
        ExportJobsService,
      ],
    };
  }
}
