import { Module, type DynamicModule } from '@nestjs/common';
import { JobCommands } from '@tessera/jobs';
import { DatasetStore } from '@tessera/stores';
import { ExpiryController } from './expiry.controller.js';
import { ExpiryService } from './expiry.service.js';

@Module({})
export class ExpiryModule {
  static with({
    datasets,
    commands,
  }: {
    readonly datasets: DatasetStore;
    readonly commands: JobCommands;
  }): DynamicModule {
    return {
      module: ExpiryModule,
      controllers: [ExpiryController],
      providers: [
        { provide: DatasetStore, useValue: datasets },
        { provide: JobCommands, useValue: commands },
        ExpiryService,
      ],
    };
  }
}
