import { Module, type DynamicModule } from '@nestjs/common';
import type { JobReader } from '@tessera/stores';
import { SYSTEM_JOBS, SystemJobsController } from './system-jobs.controller.js';

@Module({})
export class SystemJobsModule {
  static with(jobs: JobReader): DynamicModule {
    return {
      module: SystemJobsModule,
      controllers: [SystemJobsController],
      providers: [{ provide: SYSTEM_JOBS, useValue: jobs }],
    };
  }
}
