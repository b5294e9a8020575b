import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { IdentityGraphType } from '@tessera/domain';
import { problem, Requester, RequireScope, ValidBody, ValidQuery } from '@tessera/http';
import { clustersAnswer, graphsAnswer, setsAnswer } from './graph-answer.js';
import { GraphService } from './graph.service.js';
import {
  clusterParameters,
  clustersAnswerSchema,
  clustersBodySchema,
  graphAnswerSchema,
  graphBodySchema,
  identityAnswerSchema,
  identityParameters,
} from './identity.schema.js';
import type { CompositeXid } from './requested-record.js';

interface IdentityQuery {
  readonly namespace?: string;
  readonly nsid?: number;
  readonly id?: string;
}

interface ClusterQuery extends IdentityQuery {
  readonly xid?: string;
  readonly ns?: string;
  readonly nsId?: number;
  readonly 'graph-type'?: string;
}

interface ClustersBody {
  readonly xids?: readonly string[];
  readonly compositeXids?: readonly CompositeXid[];
  readonly compositeXidsWithNamespace?: readonly CompositeXid[];
  readonly 'graph-type'?: string;
}

interface GraphBody {
  readonly xids?: readonly string[];
  readonly composite_xids?: readonly CompositeXid[];
  readonly composite_xid?: readonly CompositeXid[];
  readonly projection_type?: 'set' | 'graph';
  readonly graph_type?: string;
  readonly require_edge_meta_data?: boolean;
}

/** Identities and who they are one person with (spec 04-identity, "Endpoints"). */
@ApiTags('Identities')
@Controller('data/core/identity')
export class IdentityController {
  constructor(@Inject(GraphService) private readonly graph: GraphService) {}

  @Get('identity')
  @RequireScope('profile.read')
  @ValidQuery(identityParameters, ['id'])
  @ApiOperation({ summary: 'The XID of an identity' })
  @ApiResponse({ status: 200, description: 'The XID, whether or not it was ever seen', schema: identityAnswerSchema })
  async identity(@Requester() { tenant }: Requester, @Query() query: IdentityQuery) {
    return { xid: await this.graph.xidOf(tenant, compositeOf(query)) };
  }

  @Get('cluster/members')
  @RequireScope('profile.read')
  @ValidQuery(clusterParameters)
  @ApiOperation({ summary: 'All identities of the person an identity belongs to' })
  @ApiResponse({ status: 200, description: 'The cluster', schema: clustersAnswerSchema })
  async members(@Requester() { tenant }: Requester, @Query() query: ClusterQuery) {
    const sent = query.xid ?? compositeOf(query);
    return clustersAnswer(await this.graph.findOne(tenant, sent, graphTypeOf(query['graph-type'])));
  }

  @Post('clusters/members')
  @HttpCode(200)
  @RequireScope('profile.read')
  @ValidBody(clustersBodySchema)
  @ApiOperation({ summary: 'All identities of many people, by one identity of each' })
  @ApiResponse({ status: 200, description: 'One cluster for each identity', schema: clustersAnswerSchema })
  async membersOfMany(@Requester() { tenant }: Requester, @Body() body: ClustersBody) {
    const sent = body.xids ?? body.compositeXids ?? body.compositeXidsWithNamespace ?? [];
    return clustersAnswer(await this.graph.findMany(tenant, sent, graphTypeOf(body['graph-type'])));
  }

  @Post('v2/graph')
  @HttpCode(200)
  @RequireScope('profile.read')
  @ValidBody(graphBodySchema)
  @ApiOperation({ summary: 'Identities of many people as sets, or as graphs with the evidence of their links' })
  @ApiResponse({ status: 200, description: 'One set or graph for each identity', schema: graphAnswerSchema })
  async graphs(@Requester() { tenant }: Requester, @Body() body: GraphBody) {
    const form = body.xids === undefined ? 'composite_xid' : 'xid';
    const sent = body.xids ?? body.composite_xids ?? body.composite_xid ?? [];
    const records = await this.graph.findMany(tenant, sent, graphTypeOf(body.graph_type));
    if (body.projection_type !== 'graph') return setsAnswer(records, form);
    const links = await this.graph.linksOf(tenant, records.found);
    return graphsAnswer(records, links, form, body.require_edge_meta_data ?? true);
  }
}

/** @throws ProblemError `invalid-parameter` naming what is missing. */
function compositeOf({ namespace, nsid, id, ...other }: ClusterQuery): CompositeXid {
  const code = namespace ?? other.ns;
  const namespaceId = nsid ?? other.nsId;
  const errors = [
    ...(id === undefined ? [{ path: '/id', message: 'is required, with namespace or nsid' }] : []),
    ...(code === undefined && namespaceId === undefined
      ? [{ path: '/namespace', message: 'or nsid is required, to say what id is a value of' }]
      : []),
  ];
  if (id !== undefined && errors.length === 0) {
    return { ...(code === undefined ? { nsid: namespaceId ?? 0 } : { namespace: code }), id };
  }
  throw problem('invalid-parameter', { detail: 'Name the identity by id with its namespace or nsid.', errors });
}

function graphTypeOf(sent: string | undefined): IdentityGraphType {
  return sent?.toLowerCase() === 'none' ? 'none' : 'pdg';
}
