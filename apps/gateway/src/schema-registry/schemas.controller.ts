import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
} from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '@tessera/contracts';
import type { PatchOperation } from '@tessera/domain';
import { Accepts, HandledBody, Requester, RequireScope, ValidBody, ValidQuery } from '@tessera/http';
import {
  DEFAULT_LIMIT,
  registryListParameters,
  registryPage,
  startOf,
  type RegistryListQuery,
} from './registry-page.js';
import { schemaAnswerSchema, schemaBodySchema, schemaListSchema, schemaPatchSchema } from './registry.schema.js';
import { detailOf } from './schema-answer.js';
import { SchemasService } from './schemas.service.js';

const idParameter = { name: 'id', description: '`$id`, percent-encoded, or `meta:altId`' };
const bodyTypes = [
  'application/json',
  'application/vnd.adobe.xed+json',
  'application/vnd.adobe.xed-full+json',
] as const;

/** Schemas of the sandbox (spec 03-ingestion, "Schemas"). */
@ApiTags('Schema registry')
@Controller('data/foundation/schemaregistry/tenant/schemas')
export class SchemasController {
  constructor(@Inject(SchemasService) private readonly schemas: SchemasService) {}

  @Post()
  @RequireScope('profile.write')
  @Accepts(...bodyTypes)
  @HandledBody(schemaBodySchema)
  @ApiOperation({ summary: 'Create a schema' })
  @ApiResponse({ status: 201, description: 'The new schema', schema: schemaAnswerSchema })
  create(@Requester() requester: Requester, @Body() body: JsonObject) {
    return this.schemas.create(requester, body);
  }

  @Get()
  @RequireScope('profile.read')
  @ValidQuery(registryListParameters)
  @ApiOperation({ summary: 'List the sandbox’s own schemas, oldest first' })
  @ApiResponse({ status: 200, description: 'One page', schema: schemaListSchema })
  async list(
    @Requester() requester: Requester,
    @Query() query: RegistryListQuery,
    @Headers('accept') accept: string | undefined,
  ) {
    const { limit = DEFAULT_LIMIT } = query;
    const found = await this.schemas.list(requester, detailOf(accept), limit + 1, startOf(query));
    return registryPage(found, limit, '/tenant/schemas');
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One schema, also a built-in one; references followed for xed-full' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The schema', schema: schemaAnswerSchema })
  get(@Requester() requester: Requester, @Param('id') id: string, @Headers('accept') accept: string | undefined) {
    return this.schemas.get(requester, id, detailOf(accept));
  }

  @Patch(':id')
  @RequireScope('profile.write')
  @Accepts('application/json', 'application/json-patch+json')
  @ValidBody(schemaPatchSchema)
  @ApiOperation({ summary: 'Change a schema by JSON Patch; only add to it once it is enabled for profiles' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The schema after the change', schema: schemaAnswerSchema })
  patch(@Requester() requester: Requester, @Param('id') id: string, @Body() operations: readonly PatchOperation[]) {
    return this.schemas.patch(requester, id, operations);
  }

  @Put(':id')
  @RequireScope('profile.write')
  @Accepts(...bodyTypes)
  @HandledBody(schemaBodySchema)
  @ApiOperation({ summary: 'Write a schema anew, by the rules of a change' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The schema after the change', schema: schemaAnswerSchema })
  replace(@Requester() requester: Requester, @Param('id') id: string, @Body() body: JsonObject) {
    return this.schemas.replace(requester, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Delete a schema that nothing uses, with its descriptors' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 204, description: 'It is gone' })
  remove(@Requester() requester: Requester, @Param('id') id: string) {
    return this.schemas.remove(requester, id);
  }
}
