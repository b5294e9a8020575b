import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { projectionTtl, type DestinationSettings } from '@tessera/domain';
import { Accepts, Requester, RequireScope, ValidBody } from '@tessera/http';
import { destinationAnswer, DESTINATIONS_PATH, link, listedDestination } from './projection-answer.js';
import {
  destinationAnswerSchema,
  destinationBodySchema,
  destinationChangeSchema,
  destinationListSchema,
} from './projection.schema.js';
import { ProjectionsService } from './projections.service.js';

export const DESTINATION_MEDIA_TYPE = 'application/vnd.adobe.platform.projectionDestination+json;version=1';

type DestinationBody = Pick<DestinationSettings, 'type' | 'dataCenters'> & Partial<DestinationSettings>;

/** Where projections are held (spec 10-projections, "Destinations"). */
@ApiTags('Projections')
@Controller('data/core/ups/config/destinations')
export class DestinationsController {
  constructor(@Inject(ProjectionsService) private readonly projections: ProjectionsService) {}

  @Get()
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'List projection destinations' })
  @ApiResponse({ status: 200, description: 'All of them', schema: destinationListSchema })
  async list(@Requester() { tenant }: Requester) {
    const destinations = await this.projections.destinations(tenant);
    return {
      _links: { self: link(DESTINATIONS_PATH) },
      _embedded: { projectionDestinations: destinations.map(listedDestination) },
    };
  }

  @Post()
  @RequireScope('profile.write')
  @Accepts(DESTINATION_MEDIA_TYPE)
  @ValidBody(destinationBodySchema)
  @ApiOperation({ summary: 'Create a projection destination' })
  @ApiResponse({ status: 201, description: 'The new destination', schema: destinationAnswerSchema })
  async create(@Requester() { tenant }: Requester, @Body() body: DestinationBody) {
    return destinationAnswer(await this.projections.createDestination(tenant, settingsOf(body)));
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One projection destination' })
  @ApiResponse({ status: 200, description: 'The destination', schema: destinationAnswerSchema })
  async get(@Requester() { tenant }: Requester, @Param('id') id: string) {
    return destinationAnswer(await this.projections.destination(tenant, id));
  }

  @Put(':id')
  @RequireScope('profile.write')
  @Accepts(DESTINATION_MEDIA_TYPE)
  @ValidBody(destinationChangeSchema)
  @ApiOperation({ summary: 'Replace a projection destination; the edges follow' })
  @ApiResponse({ status: 200, description: 'The destination after the change', schema: destinationAnswerSchema })
  async replace(
    @Requester() { tenant }: Requester,
    @Param('id') id: string,
    @Body() { currentVersion, ...body }: DestinationBody & { readonly currentVersion: number },
  ) {
    return destinationAnswer(await this.projections.changeDestination(tenant, id, currentVersion, settingsOf(body)));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Delete a projection destination that no configuration uses' })
  @ApiResponse({ status: 204, description: 'Deleted' })
  async remove(@Requester() { tenant }: Requester, @Param('id') id: string): Promise<void> {
    await this.projections.removeDestination(tenant, id);
  }
}

/** Only what a user decides, taken field by field: a body may carry anything else. */
function settingsOf({ type, dataCenters, ttl, replicationPolicy }: DestinationBody): DestinationSettings {
  return {
    type,
    dataCenters: [...dataCenters],
    ttl: ttl ?? projectionTtl.default,
    replicationPolicy: replicationPolicy ?? 'REACTIVE',
  };
}
