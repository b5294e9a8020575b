import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { edgeLookupParameters } from '@tessera/contracts';
import { PassedOn, RequireScope, ValidQuery } from '@tessera/http';
import { edgeAnswerSchema } from './edge.schema.js';
import { EdgeService } from './edge.service.js';

/** Lookups of projections, passed on to the edge (spec 02-conventions, "Base paths"). */
@ApiTags('Projections')
@Controller('edge/:dataCenter/projections/:name')
export class EdgeController {
  constructor(@Inject(EdgeService) private readonly edge: EdgeService) {}

  @Get()
  @RequireScope('profile.read')
  @PassedOn()
  @ValidQuery(edgeLookupParameters, ['entityId'])
  @ApiParam({ name: 'dataCenter', description: 'Whose copies are asked' })
  @ApiParam({ name: 'name', description: 'Name of the projection' })
  @ApiOperation({ summary: 'The part of a merged profile that an edge holds; filled at the first request' })
  @ApiResponse({ status: 200, description: 'The projection of one person', schema: edgeAnswerSchema })
  async get(
    @Param('dataCenter') dataCenter: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { status, headers, body } = await this.edge.get(dataCenter, request.url, request.headers, request.id);
    await reply.status(status).headers(headers).send(body);
  }
}
