import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { edgeLookupParameters, type EdgeLookupQuery, type Tenant } from '@tessera/contracts';
import { isXid, profileSchemaName, xidOf } from '@tessera/domain';
import { problem, Requester, RequireScope, ValidQuery } from '@tessera/http';
import { timeOfVersion } from '@tessera/stores';
import { ProjectionLookup } from './projection-lookup.js';

/** Projections as the edges hold them (spec 10-projections, "The edge"). */
@Controller('edge/:dataCenter/projections/:name')
export class ProjectionsController {
  constructor(@Inject(ProjectionLookup) private readonly lookup: ProjectionLookup) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery(edgeLookupParameters, ['entityId'])
  async get(
    @Requester() { tenant }: Requester,
    @Param() { dataCenter, name }: { readonly dataCenter: string; readonly name: string },
    @Query() query: EdgeLookupQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const xid = requestedXid(tenant, query);
    const wanted = { dataCenter, name, schemaName: query.schemaName ?? profileSchemaName };
    const { version, body } = await this.lookup.find(tenant, wanted, xid);
    const asOf = new Date(timeOfVersion(version)).toISOString().replace('.000Z', 'Z');
    const head = JSON.stringify({ entityId: xid, projection: name, version, asOf });
    // The entity is JSON text already: it only passes through.
    await reply.type('application/json; charset=utf-8').send(`${head.slice(0, -1)},"entity":${body}}`);
  }
}

/** @throws ProblemError `invalid-parameter` for an `entityId` that is no XID where no namespace is given. */
function requestedXid(tenant: Tenant, { entityId, entityIdNS, entityIdNs }: EdgeLookupQuery): string {
  const namespace = entityIdNS ?? entityIdNs;
  if (namespace !== undefined) return xidOf(tenant, namespace, entityId);
  if (isXid(entityId)) return entityId;
  const message = 'is no XID; with a value of a namespace, name the namespace as well';
  throw problem('invalid-parameter', {
    detail: `The parameter entityId ${message}.`,
    errors: [{ path: '/entityId', message }],
  });
}
