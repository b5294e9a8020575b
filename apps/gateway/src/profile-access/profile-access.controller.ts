import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { parseSelector, SelectorError, type Selector } from '@tessera/domain';
import { problem, Requester, RequireScope, ValidQuery } from '@tessera/http';
import { LookupService } from './lookup.service.js';
import { profileAnswer } from './profile-answer.js';
import { profilesSchema } from './profile-access.schema.js';
import { recordSchemaNames } from './record-schemas.js';
import { requestedXid, type RequestedIdentity } from './requested-identity.js';

interface LookupQuery {
  readonly 'schema.name': string;
  readonly entityId: string;
  readonly entityIdNS?: string;
  readonly entityIdNs?: string;
  readonly fields?: string;
  readonly mergePolicyId?: string;
  readonly withCA?: boolean;
}

/** Profile access (spec 06-entities). */
@ApiTags('Profile access')
@Controller('data/core/ups/access/entities')
export class ProfileAccessController {
  constructor(@Inject(LookupService) private readonly lookup: LookupService) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery(
    {
      'schema.name': { type: 'string', enum: recordSchemaNames },
      entityId: { type: 'string', minLength: 1, description: 'An XID, or a value of the namespace entityIdNS' },
      entityIdNS: { type: 'string', minLength: 1, description: 'Namespace code; entityIdNs is taken too' },
      entityIdNs: { type: 'string', minLength: 1 },
      fields: { type: 'string', minLength: 1, description: 'Selector of what the profile shows; all when absent' },
      mergePolicyId: { type: 'string', minLength: 1, description: 'The default policy when absent' },
      withCA: { type: 'boolean', description: 'Whether computed attributes are added' },
    },
    ['schema.name', 'entityId'],
  )
  @ApiOperation({ summary: 'The merged profile of one identity' })
  @ApiResponse({
    status: 200,
    description: 'The profile, by the XID of the requested identity',
    schema: profilesSchema,
  })
  async get(@Requester() { tenant }: Requester, @Query() query: LookupQuery) {
    const selector = query.fields === undefined ? undefined : readSelector(query.fields);
    const namespaceCode = query.entityIdNS ?? query.entityIdNs;
    const requested: RequestedIdentity = {
      entityId: query.entityId,
      ...(namespaceCode !== undefined && { namespaceCode }),
    };
    const xid = requestedXid(tenant, requested);
    const identity = namespaceCode && { xid, namespace: namespaceCode.toLowerCase(), id: query.entityId };
    const person = await this.lookup.profile(
      tenant,
      xid,
      query['schema.name'],
      query.mergePolicyId,
      identity || undefined,
    );
    return { [xid]: profileAnswer(person, requested, selector) };
  }
}

/** @throws ProblemError `invalid-parameter` with the column of the fault. */
function readSelector(fields: string): Selector {
  try {
    return parseSelector(fields);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw problem('invalid-parameter', {
      detail: `The parameter fields is no selector: ${error.message}.`,
      errors: [{ path: '/fields', message: error.message }],
    });
  }
}
