import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Tenant } from '@tessera/contracts';
import { eventSchemaName } from '@tessera/domain';
import { Requester, RequireScope, ValidQuery } from '@tessera/http';
import {
  accessParameters,
  nextPageReference,
  readPropertyFilters,
  requestedOwner,
  requestedRecord,
  type AccessQuery,
} from './access-query.js';
import { ComputedValues } from './computed-values.js';
import { eventPageAnswer } from './event-answer.js';
import { eventSelection } from './event-selection.js';
import { placeOfToken } from './event-token.js';
import { EventsService } from './events.service.js';
import { readFields } from './field-selection.js';
import { LookupService } from './lookup.service.js';
import { accessAnswerSchema } from './profile-access.schema.js';
import { profileAnswer } from './profile-answer.js';
import { subjectOf } from './requested-identity.js';

/** Profile access (spec 06-entities). */
@ApiTags('Profile access')
@Controller('data/core/ups/access/entities')
export class ProfileAccessController {
  constructor(
    @Inject(LookupService) private readonly lookup: LookupService,
    @Inject(ComputedValues) private readonly computed: ComputedValues,
    @Inject(EventsService) private readonly events: EventsService,
  ) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery(accessParameters, ['schema.name'])
  @ApiOperation({ summary: 'The merged profile of one identity, or a page of its events' })
  @ApiResponse({
    status: 200,
    description: 'The profile by the XID of the requested identity, or the page',
    schema: accessAnswerSchema,
  })
  get(@Requester() { tenant }: Requester, @Query() query: AccessQuery): Promise<object> {
    return query['schema.name'] === eventSchemaName ? this.eventPage(tenant, query) : this.profile(tenant, query);
  }

  private async profile(tenant: Tenant, query: AccessQuery) {
    const selector = readFields(query.fields);
    const subject = subjectOf(tenant, requestedRecord(query));
    const person = await this.lookup.profile(tenant, subject, query['schema.name'], query.mergePolicyId);
    const computed = query.withCA
      ? await this.computed.of(tenant, [person], query['schema.name'], query.mergePolicyId)
      : undefined;
    return { [subject.xid]: profileAnswer(person, selector, computed?.get(person.xid)) };
  }

  private async eventPage(tenant: Tenant, query: AccessQuery) {
    const wanted = subjectOf(tenant, requestedOwner(query), 'relatedEntityId');
    const selector = readFields(query.fields);
    const selection = eventSelection(query, readPropertyFilters(query.property ?? []));
    const after = placeOfToken(query.start || query.offsets);
    const page = await this.events.page(tenant, { ...wanted, after }, selection, query.mergePolicyId);
    return eventPageAnswer(wanted.xid, page, {
      descending: selection.descending,
      selector,
      nextLink: (token) => ({ href: nextPageReference(query, token) }),
    });
  }
}
