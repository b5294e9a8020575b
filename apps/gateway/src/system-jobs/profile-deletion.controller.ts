import { Controller, Delete, HttpCode, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { profileSchemaName } from '@tessera/domain';
import { Requester, RequireScope, ValidQuery } from '@tessera/http';
import { accessParameters, requestedRecord, type AccessQuery } from '../profile-access/access-query.js';
import { subjectOf } from '../profile-access/requested-identity.js';
import { DeletionsService } from './deletions.service.js';

const { entityId, entityIdNS, entityIdNs, mergePolicyId } = accessParameters;

/** Deleting people (spec 06-entities, "DELETE a profile"). */
@ApiTags('Profile access')
@Controller('data/core/ups/access/entities')
export class ProfileDeletionController {
  constructor(@Inject(DeletionsService) private readonly deletions: DeletionsService) {}

  @Delete()
  @HttpCode(202)
  @RequireScope('profile.admin')
  @ValidQuery(
    {
      'schema.name': { type: 'string', enum: [profileSchemaName] },
      entityId,
      entityIdNS,
      entityIdNs,
      mergePolicyId: {
        ...mergePolicyId,
        description: 'Whose graph says who is one person; the default policy when absent',
      },
    },
    ['schema.name', 'entityId'],
  )
  @ApiOperation({ summary: 'Delete a person; a system job removes every record and event of it' })
  @ApiResponse({ status: 202, description: 'Accepted; the system jobs list how far it is' })
  async remove(@Requester() requester: Requester, @Query() query: AccessQuery): Promise<void> {
    const subject = subjectOf(requester.tenant, requestedRecord(query));
    await this.deletions.deleteProfile(requester, subject, profileSchemaName, query.mergePolicyId);
  }
}
