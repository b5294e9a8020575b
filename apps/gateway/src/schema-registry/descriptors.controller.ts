import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '@tessera/contracts';
import { Accepts, HandledBody, Requester, RequireScope, ValidQuery } from '@tessera/http';
import { DescriptorsService } from './descriptors.service.js';
import {
  DEFAULT_LIMIT,
  registryListParameters,
  registryPage,
  startOf,
  type RegistryListQuery,
} from './registry-page.js';
import { descriptorAnswerSchema, descriptorBodySchema, descriptorListSchema } from './registry.schema.js';

const idParameter = { name: 'id', description: '`@id` of a descriptor' };

/** Descriptors: which fields of schemas are identities (spec 03-ingestion, "Schemas"). */
@ApiTags('Schema registry')
@Controller('data/foundation/schemaregistry/tenant/descriptors')
export class DescriptorsController {
  constructor(@Inject(DescriptorsService) private readonly descriptors: DescriptorsService) {}

  @Post()
  @RequireScope('profile.write')
  @Accepts('application/json', 'application/vnd.adobe.xdm+json')
  @HandledBody(descriptorBodySchema)
  @ApiOperation({ summary: 'Make a field of a schema an identity' })
  @ApiResponse({ status: 201, description: 'The new descriptor', schema: descriptorAnswerSchema })
  create(@Requester() requester: Requester, @Body() body: JsonObject) {
    return this.descriptors.create(requester, body);
  }

  @Get()
  @RequireScope('profile.read')
  @ValidQuery(registryListParameters)
  @ApiOperation({ summary: 'List descriptors, oldest first' })
  @ApiResponse({ status: 200, description: 'One page', schema: descriptorListSchema })
  async list(@Requester() requester: Requester, @Query() query: RegistryListQuery) {
    const { limit = DEFAULT_LIMIT } = query;
    const found = await this.descriptors.list(requester, limit + 1, startOf(query));
    return registryPage(found, limit, '/tenant/descriptors');
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One descriptor' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The descriptor', schema: descriptorAnswerSchema })
  get(@Requester() requester: Requester, @Param('id') id: string) {
    return this.descriptors.get(requester, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Delete a descriptor; records accepted from then on do without it' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 204, description: 'It is gone' })
  remove(@Requester() requester: Requester, @Param('id') id: string) {
    return this.descriptors.remove(requester, id);
  }
}
