import { Module, type DynamicModule } from '@nestjs/common';
import { ConnectionStore } from '@tessera/stores';
import { ConnectionsController, PUBLIC_URL } from './connections.controller.js';
import { ConnectionsService } from './connections.service.js';
import { InletDirectory } from './inlet-directory.js';

export interface FlowServiceParts {
  readonly connections: ConnectionStore;
  /** The one admission uses, so that a removal counts at once. */
  readonly inlets: InletDirectory;
  /** Address under which clients reach the gateway; when absent, the one each request came by. */
  readonly publicUrl?: string | undefined;
}

/** Streaming connections of the gateway. */
@Module({})
export class FlowServiceModule {
  static with({ connections, inlets, publicUrl }: FlowServiceParts): DynamicModule {
    return {
      module: FlowServiceModule,
      controllers: [ConnectionsController],
      providers: [
        { provide: ConnectionStore, useValue: connections },
        { provide: InletDirectory, useValue: inlets },
        { provide: PUBLIC_URL, useValue: publicUrl ?? null },
        ConnectionsService,
      ],
    };
  }
}
