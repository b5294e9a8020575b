import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { eventSchemaName } from '@tessera/domain';
import { problem, Requester, RequireScope, ValidBody } from '@tessera/http';
import type { FastifyReply } from 'fastify';
import { accessBodySchema, type AccessBody } from './access-body.js';
import { ManyEventsService } from './many-events.service.js';
import { ManyProfilesService } from './many-profiles.service.js';
import { manyAccessAnswerSchema } from './profile-access.schema.js';
import { manyAnswer } from './many-answer.js';

export const MOST_REQUESTED_IDENTITIES = Symbol('identities of one call');

/** Access to many profiles, or their events, in one call (spec 06-entities). */
@ApiTags('Profile access')
@Controller('data/core/ups/access/entities')
export class ManyEntitiesController {
  constructor(
    @Inject(ManyProfilesService) private readonly profiles: ManyProfilesService,
    @Inject(ManyEventsService) private readonly events: ManyEventsService,
    @Inject(MOST_REQUESTED_IDENTITIES) private readonly mostIdentities: number,
  ) {}

  @Post()
  @HttpCode(200)
  @RequireScope('profile.read')
  @ValidBody(accessBodySchema)
  @ApiOperation({ summary: 'The merged profiles of many identities, or a page of the events of each' })
  @ApiResponse({ status: 200, description: 'By XID, in the order asked for', schema: manyAccessAnswerSchema })
  @ApiResponse({ status: 207, description: 'Some failed: those are {error}', schema: manyAccessAnswerSchema })
  async post(
    @Requester() { tenant, requestId }: Requester,
    @Body() body: AccessBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    this.checkNumber(body.identities.length);
    const service = body.schema.name === eventSchemaName ? this.events : this.profiles;
    const answer = manyAnswer(await service.answers(tenant, body), requestId);
    void reply.status(answer.status);
    return answer.body;
  }
  /** @throws ProblemError `invalid-body` beyond the limit (spec 02-conventions, "Limits"). */
  private checkNumber(identities: number): void {
    if (identities <= this.mostIdentities) return;
    const message = `must NOT have more than ${this.mostIdentities} items`;
    throw problem('invalid-body', {
      detail: `One call takes ${this.mostIdentities} identities at most, this one has ${identities}; make several of it.`,
      errors: [{ path: '/identities', message }],
    });
  }
}
