import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { recordSchemaNames } from '@tessera/domain';
import { Requester, RequireScope, ValidQuery } from '@tessera/http';
import { accessParameters, requestedRecord, type AccessQuery } from './access-query.js';
import { explainAnswer } from './explain-answer.js';
import { explanationsSchema } from './explain.schema.js';
import { ExplainService } from './explain.service.js';
import { readFields } from './field-selection.js';
import { subjectOf } from './requested-identity.js';

const { entityId, entityIdNS, entityIdNs, fields, mergePolicyId, withCA } = accessParameters;

/** Why a lookup answers what it answers. */
@ApiTags('Profile access')
@Controller('data/core/ups/access/entities/explain')
export class ExplainController {
  constructor(@Inject(ExplainService) private readonly explanations: ExplainService) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery(
    {
      'schema.name': { type: 'string', enum: recordSchemaNames },
      entityId,
      entityIdNS,
      entityIdNs,
      fields,
      mergePolicyId,
      withCA: { ...withCA, description: 'Taken as a lookup takes it; computed attributes are not explained' },
    },
    ['schema.name', 'entityId'],
  )
  @ApiOperation({
    summary: 'Where each field of a merged profile came from and what it beat, and why its identities are one person',
  })
  @ApiResponse({ status: 200, description: 'The explanation, by the XID asked for', schema: explanationsSchema })
  async explain(@Requester() { tenant }: Requester, @Query() query: AccessQuery) {
    const selector = readFields(query.fields);
    const subject = subjectOf(tenant, requestedRecord(query));
    const schemaName = query['schema.name'];
    const explanation = await this.explanations.explain(tenant, subject, schemaName, query.mergePolicyId);
    return { [subject.xid]: explainAnswer(explanation, selector) };
  }
}
