import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  LIST_MAXIMUM,
  limitParameter,
  offsetParameter,
  Requester,
  RequireScope,
  ValidBody,
  ValidQuery,
} from '@tessera/http';
import type { StoredNamespace } from '@tessera/stores';
import {
  namespaceBodySchema,
  namespaceChangeSchema,
  namespaceListSchema,
  namespaceSchema,
} from './namespace.schema.js';
import { NamespacesService, type NamespaceBody, type NamespaceChange } from './namespaces.service.js';

const idParameter = { name: 'id', description: 'Id of a namespace, a whole number' };

/** Identity namespaces (spec 04-identity, "Namespaces"). */
@ApiTags('Identity namespaces')
@Controller('data/core/idnamespace/identities')
export class NamespacesController {
  constructor(@Inject(NamespacesService) private readonly namespaces: NamespacesService) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery({ limit: limitParameter(LIST_MAXIMUM), start: offsetParameter })
  @ApiOperation({ summary: 'List namespaces, the built-in ones first' })
  @ApiResponse({ status: 200, description: 'The namespaces', schema: namespaceListSchema })
  async list(
    @Requester() { tenant }: Requester,
    @Query() { limit = LIST_MAXIMUM, start = 0 }: { limit?: number; start?: number },
  ) {
    return (await this.namespaces.list(tenant)).slice(start, start + limit).map(namespaceAnswer);
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One namespace' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The namespace', schema: namespaceSchema })
  async get(@Requester() { tenant }: Requester, @Param('id') id: string) {
    return namespaceAnswer(await this.namespaces.get(tenant, id));
  }

  @Post()
  @HttpCode(200)
  @RequireScope('profile.write')
  @ValidBody(namespaceBodySchema)
  @ApiOperation({ summary: 'Create a namespace' })
  @ApiResponse({ status: 200, description: 'The new namespace', schema: namespaceSchema })
  async create(@Requester() { tenant }: Requester, @Body() body: NamespaceBody) {
    return namespaceAnswer(await this.namespaces.create(tenant, body));
  }

  @Put(':id')
  @RequireScope('profile.write')
  @ValidBody(namespaceChangeSchema)
  @ApiOperation({ summary: 'Change name and description of a namespace' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The namespace after the change', schema: namespaceSchema })
  async change(@Requester() { tenant }: Requester, @Param('id') id: string, @Body() body: NamespaceChange) {
    return namespaceAnswer(await this.namespaces.change(tenant, id, body));
  }
}

function namespaceAnswer(namespace: StoredNamespace) {
  const { id, code, name, description, idType, custom, createTime, updateTime } = namespace;
  return { id, code, name, description, idType, status: 'ACTIVE', custom, createTime, updateTime };
}
