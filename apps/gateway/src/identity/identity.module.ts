import { Module, type DynamicModule } from '@nestjs/common';
import { Producer } from '@tessera/messaging';
import { IdentityGraphReader, IdentitySettingsRepository, NamespaceStore, type Database } from '@tessera/stores';
import { GraphService } from './graph.service.js';
import { IdentityController } from './identity.controller.js';
import { IdentitySettingsController } from './identity-settings.controller.js';
import { IdentitySettingsService } from './identity-settings.service.js';

export interface IdentityParts {
  readonly database: Database;
  /** Takes changed linking rules to the merge worker. */
  readonly producer: Producer;
}

/** Identities, their graph and its rules over HTTP. */
@Module({})
export class IdentityModule {
  static with({ database, producer }: IdentityParts): DynamicModule {
    return {
      module: IdentityModule,
      controllers: [IdentityController, IdentitySettingsController],
      providers: [
        { provide: IdentityGraphReader, useValue: new IdentityGraphReader(database) },
        { provide: IdentitySettingsRepository, useValue: new IdentitySettingsRepository(database) },
        { provide: NamespaceStore, useValue: new NamespaceStore(database) },
        { provide: Producer, useValue: producer },
        GraphService,
        IdentitySettingsService,
      ],
    };
  }
}
