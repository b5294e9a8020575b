import type { Provider } from '@nestjs/common';
import {
  ComputedAttributeReader,
  EventReader,
  FragmentReader,
  IdentityGraphReader,
  LookupReader,
  MergePolicyStore,
  type Database,
} from '@tessera/stores';
import { ComputedValues } from './computed-values.js';
import { LookupService } from './lookup.service.js';
import { LOOKUP_MAX_IDENTITIES, PeopleService } from './people.service.js';
import { ProfileReads } from './profile-reads.js';

/** What modules need that look people up as profile access does. */
export function lookupProviders(database: Database, maxIdentities: number, tenantName = 'tessera'): Provider[] {
  const graph = new IdentityGraphReader(database);
  const policies = new MergePolicyStore(database);
  const lookups = new LookupReader(database, policies);
  const reads = new ProfileReads(policies, lookups, new FragmentReader(database));
  return [
    { provide: IdentityGraphReader, useValue: graph },
    { provide: ProfileReads, useValue: reads },
    { provide: ComputedValues, useValue: new ComputedValues(new ComputedAttributeReader(database), reads, tenantName) },
    { provide: EventReader, useValue: new EventReader(database) },
    { provide: LOOKUP_MAX_IDENTITIES, useValue: maxIdentities },
    PeopleService,
    LookupService,
  ];
}
