import { Module, type DynamicModule } from '@nestjs/common';
import type { JobCommands } from '@tessera/jobs';
import { SandboxStore } from '@tessera/stores';
import { SandboxDirectory } from './sandbox-directory.js';
import { SandboxesController } from './sandboxes.controller.js';
import { JOB_COMMANDS, SandboxesService } from './sandboxes.service.js';

export interface SandboxesParts {
  readonly sandboxes: SandboxStore;
  /** The one admission uses, so that a removal counts at once. */
  readonly directory: SandboxDirectory;
  /** Tells workers of deletions at once; they find them by themselves otherwise, seconds later. */
  readonly commands?: JobCommands;
}

/** Sandboxes of the gateway. */
@Module({})
export class SandboxesModule {
  static with({ sandboxes, directory, commands }: SandboxesParts): DynamicModule {
    return {
      module: SandboxesModule,
      controllers: [SandboxesController],
      providers: [
        { provide: SandboxStore, useValue: sandboxes },
        { provide: SandboxDirectory, useValue: directory },
        { provide: JOB_COMMANDS, useValue: commands },
        SandboxesService,
      ],
    };
  }
}
