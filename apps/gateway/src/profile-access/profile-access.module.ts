import { Module, type DynamicModule } from '@nestjs/common';
import { EventReader, FragmentReader, IdentityGraphReader, MergePolicyStore, type Database } from '@tessera/stores';
import { EventsService } from './events.service.js';
import { LookupService } from './lookup.service.js';
import { LOOKUP_MAX_IDENTITIES, PeopleService } from './people.service.js';
import { ProfileAccessController } from './profile-access.controller.js';
import { ProfileReads } from './profile-reads.js';

export interface ProfileAccessParts {
  readonly database: Database;
  /** Related identities a lookup follows. */
  readonly maxIdentities: number;
}

/** Reading profiles. */
@Module({})
export class ProfileAccessModule {
  static with({ database, maxIdentities }: ProfileAccessParts): DynamicModule {
    const reads = new ProfileReads(
      new MergePolicyStore(database),
      new IdentityGraphReader(database),
      new FragmentReader(database),
    );
    return {
      module: ProfileAccessModule,
      controllers: [ProfileAccessController],
      providers: [
        { provide: ProfileReads, useValue: reads },
        { provide: EventReader, useValue: new EventReader(database) },
        { provide: LOOKUP_MAX_IDENTITIES, useValue: maxIdentities },
        PeopleService,
        LookupService,
        EventsService,
      ],
    };
  }
}
