import { Inject, Injectable } from '@nestjs/common';
import type { Tenant } from '@tessera/contracts';
import { profileSchemaName } from '@tessera/domain';
import { ProblemError } from '@tessera/http';
import { EventReader, type EventPlace } from '@tessera/stores';
import { EventScan, type EventPage, type EventSelection } from './event-scan.js';
import { PeopleService } from './people.service.js';
import type { Subject } from './requested-identity.js';

/** Whose events, from where on. */
export interface WantedEvents extends Subject {
  /** Only what comes after this place; from the beginning when undefined. */
  readonly after: EventPlace | undefined;
}

/** Reads pages of people's events; a merge policy's graph decides whose events are a person's. */
@Injectable()
export class EventsService {
  constructor(
    @Inject(PeopleService) private readonly people: PeopleService,
    @Inject(EventReader) private readonly events: EventReader,
  ) {}

  /**
   * A page of one person's events; empty for an unknown person.
   *
   * @throws ProblemError `unknown-policy` or `too-many-identities`.
   */
  async page(
    tenant: Tenant,
    wanted: WantedEvents,
    selection: EventSelection,
    policyId: string | undefined,
  ): Promise<EventPage> {
    const [page] = await this.pages(tenant, [wanted], selection, policyId);
    if (page instanceof ProblemError) throw page;
    return page ?? { events: [] };
  }

  /**
   * A page of each one's events, in their order.
   *
   * @throws ProblemError `unknown-policy`; what is wrong with a single one stands in its place.
   */
  async pages(
    tenant: Tenant,
    wanted: readonly WantedEvents[],
    selection: EventSelection,
    policyId: string | undefined,
  ): Promise<(EventPage | ProblemError)[]> {
    const { people } = await this.people.find(tenant, wanted, profileSchemaName, policyId);
    const scans = people.map((person, index) =>
      person instanceof ProblemError ? person : new EventScan(person.xids, selection, wanted[index]?.after),
    );
    for (;;) {
      const open = scans.filter((scan): scan is EventScan => scan instanceof EventScan && scan.isOpen);
      if (open.length === 0) break;
      const reads = await this.events.findMany(
        tenant,
        open.map((scan) => scan.range()),
      );
      reads.forEach((read, index) => open[index]?.take(read));
    }
    return scans.map((scan) => (scan instanceof ProblemError ? scan : scan.page()));
  }
}
