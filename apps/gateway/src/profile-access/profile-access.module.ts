import { Module, type DynamicModule } from '@nestjs/common';
import type { Database } from '@tessera/stores';
import { EventsService } from './events.service.js';
import { lookupProviders } from './lookup.providers.js';
import { ManyEntitiesController } from './many-entities.controller.js';
import { ManyEventsService } from './many-events.service.js';
import { ManyProfilesService } from './many-profiles.service.js';
import { ProfileAccessController } from './profile-access.controller.js';

export interface ProfileAccessParts {
  readonly database: Database;
  /** Related identities a lookup follows. */
  readonly maxIdentities: number;
}

/** Reading profiles. */
@Module({})
export class ProfileAccessModule {
  static with({ database, maxIdentities }: ProfileAccessParts): DynamicModule {
    return {
      module: ProfileAccessModule,
      controllers: [ProfileAccessController, ManyEntitiesController],
      providers: [...lookupProviders(database, maxIdentities), EventsService, ManyProfilesService, ManyEventsService],
    };
  }
}
