import { Module, type DynamicModule } from '@nestjs/common';
import type { Database } from '@tessera/stores';
import { EventsService } from './events.service.js';
import { lookupProviders } from './lookup.providers.js';
import { ManyEntitiesController, MOST_REQUESTED_IDENTITIES } from './many-entities.controller.js';
import { ManyEventsService } from './many-events.service.js';
import { ManyProfilesService } from './many-profiles.service.js';
import { ProfileAccessController } from './profile-access.controller.js';

export interface ProfileAccessParts {
  readonly database: Database;
  /** The tenant's name, under which computed attributes stand; `tessera` when absent. */
  readonly tenantName?: string;
  /** Related identities a lookup follows. */
  readonly maxIdentities: number;
  /** Identities one call may ask for; 1,000 when absent. */
  readonly maxRequestedIdentities?: number;
}

const DEFAULT_REQUESTED_IDENTITIES = 1_000;

/** Reading profiles. */
@Module({})
export class ProfileAccessModule {
  static with({ database, tenantName, maxIdentities, maxRequestedIdentities }: ProfileAccessParts): DynamicModule {
    return {
      module: ProfileAccessModule,
      controllers: [ProfileAccessController, ManyEntitiesController],
      providers: [
        ...lookupProviders(database, maxIdentities, tenantName),
        { provide: MOST_REQUESTED_IDENTITIES, useValue: maxRequestedIdentities ?? DEFAULT_REQUESTED_IDENTITIES },
        EventsService,
        ManyProfilesService,
        ManyEventsService,
      ],
    };
  }
}
