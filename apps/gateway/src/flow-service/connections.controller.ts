import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { limitParameter, Requester, RequireScope, ValidBody, ValidQuery } from '@tessera/http';
import { connectionAnswer, etagOf } from './connection-answer.js';
import {
  connectionBodySchema,
  connectionItemsSchema,
  connectionListSchema,
  connectionReferenceSchema,
} from './connection.schema.js';
import { ConnectionsService, type ConnectionBody } from './connections.service.js';

export const PUBLIC_URL = Symbol('public url');

const PATH = 'data/foundation/flowservice/connections';
const DEFAULT_LIMIT = 100;
const idParameter = { name: 'id', description: 'Id of a connection' };

/** The address the client used, as far as the request tells. */
interface AddressedRequest {
  readonly protocol: string;
  readonly host: string;
}

interface ListQuery {
  readonly limit?: number;
  readonly continuationToken?: string;
}

/** Streaming connections: each has an inlet that records are sent to (spec 03-ingestion, "Streaming"). */
@ApiTags('Streaming connections')
@Controller(PATH)
export class ConnectionsController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(PUBLIC_URL) private readonly publicUrl: string | null,
  ) {}

  @Post()
  @RequireScope('profile.write')
  @ValidBody(connectionBodySchema)
  @ApiOperation({ summary: 'Create a streaming connection' })
  @ApiResponse({ status: 201, description: 'Its id', schema: connectionReferenceSchema })
  async create(@Requester() requester: Requester, @Body() body: ConnectionBody) {
    const connection = await this.connections.create(requester, body);
    return { id: connection.id, etag: etagOf(connection) };
  }

  @Get()
  @RequireScope('profile.read')
  @ValidQuery({
    limit: limitParameter(DEFAULT_LIMIT),
    continuationToken: { type: 'string', description: 'Out of `_links.next.href`' },
  })
  @ApiOperation({ summary: 'List connections, oldest first' })
  @ApiResponse({ status: 200, description: 'One page', schema: connectionListSchema })
  async list(
    @Requester() { tenant, sandbox }: Requester,
    @Query() { limit = DEFAULT_LIMIT, continuationToken }: ListQuery,
    @Req() request: AddressedRequest,
  ) {
    const { connections, next } = await this.connections.list(tenant, limit, continuationToken);
    const base = this.baseOf(request);
    return {
      items: connections.map((connection) => connectionAnswer(connection, sandbox, base)),
      _links: next === undefined ? {} : { next: { href: `/${PATH}?limit=${limit}&continuationToken=${next}` } },
    };
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One connection, with its inlet' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The connection, as the only item', schema: connectionItemsSchema })
  async get(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string, @Req() request: AddressedRequest) {
    return { items: [connectionAnswer(await this.connections.get(tenant, id), sandbox, this.baseOf(request))] };
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Delete a connection; its inlet stops within a second' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 204, description: 'Deleted' })
  async remove(@Requester() { tenant }: Requester, @Param('id') id: string): Promise<void> {
    await this.connections.remove(tenant, id);
  }

  private baseOf({ protocol, host }: AddressedRequest): string {
    return (this.publicUrl ?? `${protocol}://${host}`).replace(/\/+$/, '');
  }
}
