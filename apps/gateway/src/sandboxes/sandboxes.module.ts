import { Module, type DynamicModule } from '@nestjs/common';
import { SandboxStore } from '@tessera/stores';
import { SandboxDirectory } from './sandbox-directory.js';
import { SandboxesController } from './sandboxes.controller.js';
import { SandboxesService } from './sandboxes.service.js';

export interface SandboxesParts {
  readonly sandboxes: SandboxStore;
  /** The one admission uses, so that a removal counts at once. */
  readonly directory: SandboxDirectory;
}

/** Sandboxes of the gateway. */
@Module({})
export class SandboxesModule {
  static with({ sandboxes, directory }: SandboxesParts): DynamicModule {
    return {
      module: SandboxesModule,
      controllers: [SandboxesController],
      providers: [
        { provide: SandboxStore, useValue: sandboxes },
        { provide: SandboxDirectory, useValue: directory },
        SandboxesService,
      ],
    };
  }
}
