import { Module, type DynamicModule } from '@nestjs/common';
import { JobCommands } from '@tessera/jobs';
import { JobStore, SampleReportStore } from '@tessera/stores';
import { PreviewSampleController } from './preview-sample.controller.js';

export interface PreviewSampleParts {
  readonly reports: SampleReportStore;
  readonly jobs: JobStore;
  readonly commands: JobCommands;
}

/** Samples and reports. */
@Module({})
export class PreviewSampleModule {
  static with({ reports, jobs, commands }: PreviewSampleParts): DynamicModule {
    return {
      module: PreviewSampleModule,
      controllers: [PreviewSampleController],
      providers: [
        { provide: SampleReportStore, useValue: reports },
        { provide: JobStore, useValue: jobs },
        { provide: JobCommands, useValue: commands },
      ],
    };
  }
}
