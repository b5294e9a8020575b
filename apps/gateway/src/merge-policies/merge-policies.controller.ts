import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { MergePolicy, PolicySettings } from '@tessera/domain';
import { problemDocument, Requester, RequireScope, ValidBody, ValidQuery } from '@tessera/http';
import { MergePolicyService, unknownPolicy } from './merge-policy.service.js';
import { policyAnswer } from './policy-answer.js';
import { policyListParameters, policyPage, type PolicyListQuery } from './policy-list.js';
import type { PolicyOperation } from './policy-patch.js';
import {
  bulkGetAnswerSchema,
  bulkGetSchema,
  policyAnswerSchema,
  policyBodySchema,
  policyListSchema,
  policyPatchSchema,
} from './policy.schema.js';

/** A body that matches {@link policyBodySchema}: further fields are those a client read, and are ignored. */
type PolicyBody = Omit<PolicySettings, 'isActiveOnEdge' | 'default'> & Partial<PolicySettings>;

/** How fragments become one profile, as each sandbox decides (spec 05-merge-policies). */
@ApiTags('Merge policies')
@Controller('data/core/ups/config/mergePolicies')
export class MergePoliciesController {
  constructor(@Inject(MergePolicyService) private readonly policies: MergePolicyService) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery(policyListParameters)
  @ApiOperation({ summary: 'List merge policies by name' })
  @ApiResponse({ status: 200, description: 'One page', schema: policyListSchema })
  async list(@Requester() { tenant, sandbox }: Requester, @Query() query: PolicyListQuery) {
    const page = policyPage(await this.policies.list(tenant), query);
    return {
      _page: { totalCount: page.totalCount, pageSize: page.limit, count: page.policies.length },
      children: page.policies.map((policy) => policyAnswer(policy, sandbox)),
      _links: { next: { href: page.next } },
    };
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ValidQuery({
    version: { type: 'integer', minimum: 1, description: 'An older version; the current one when absent' },
  })
  @ApiOperation({ summary: 'One merge policy, as it is or as it was' })
  @ApiResponse({ status: 200, description: 'The policy', schema: policyAnswerSchema })
  async get(
    @Requester() { tenant, sandbox }: Requester,
    @Param('id') id: string,
    @Query() query: { version?: number },
  ) {
    return policyAnswer(await this.policies.get(tenant, id, query.version), sandbox);
  }

  @Post('bulk-get')
  @HttpCode(207)
  @RequireScope('profile.read')
  @ValidBody(bulkGetSchema)
  @ApiOperation({ summary: 'Many merge policies by id' })
  @ApiResponse({ status: 207, description: 'Each id with its policy or its problem', schema: bulkGetAnswerSchema })
  async getMany(@Requester() { tenant, sandbox, requestId }: Requester, @Body() { ids }: { ids: { id: string }[] }) {
    const byId = new Map((await this.policies.list(tenant)).map((policy) => [policy.id, policy]));
    const results = Object.create(null) as Record<string, object>;
    for (const { id } of ids) {
      const policy = byId.get(id);
      results[id] =
        policy === undefined ? problemDocument(unknownPolicy(id), requestId) : policyAnswer(policy, sandbox);
    }
    return { results };
  }

  @Post()
  @HttpCode(200)
  @RequireScope('profile.write')
  @ValidBody(policyBodySchema)
  @ApiOperation({ summary: 'Create a merge policy' })
  @ApiResponse({ status: 200, description: 'The new policy', schema: policyAnswerSchema })
  async create(@Requester() { tenant, sandbox }: Requester, @Body() body: PolicyBody) {
    return policyAnswer(await this.policies.create(tenant, settingsOf(body)), sandbox);
  }

  @Patch(':id')
  @RequireScope('profile.write')
  @ValidBody(policyPatchSchema)
  @ApiOperation({ summary: 'Change parts of a merge policy by JSON Patch' })
  @ApiResponse({ status: 200, description: 'The policy after the change', schema: policyAnswerSchema })
  async patch(
    @Requester() { tenant, sandbox }: Requester,
    @Param('id') id: string,
    @Body() body: PolicyOperation | PolicyOperation[],
  ) {
    return policyAnswer(await this.policies.patch(tenant, id, body), sandbox);
  }

  @Put(':id')
  @RequireScope('profile.write')
  @ValidBody(policyBodySchema)
  @ApiOperation({ summary: 'Replace a merge policy' })
  @ApiResponse({ status: 200, description: 'The policy after the change', schema: policyAnswerSchema })
  async replace(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string, @Body() body: PolicyBody) {
    return policyAnswer(await this.policies.replace(tenant, id, settingsOf(body)), sandbox);
  }

  @Delete(':id')
  @HttpCode(200)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Delete a merge policy that is neither the default nor active on edge' })
  @ApiResponse({ status: 200, description: 'Deleted; the body is empty' })
  async remove(@Requester() { tenant }: Requester, @Param('id') id: string): Promise<void> {
    await this.policies.remove(tenant, id);
  }
}

/** Only what a user decides, taken field by field: a body may carry anything else. */
export function settingsOf({ name, schema, identityGraph, attributeMerge, ...flags }: PolicyBody): PolicySettings {
  const { type } = attributeMerge;
  const method: MergePolicy['attributeMerge'] =
    type === 'dataSetPrecedence' ? { type, order: [...attributeMerge.order] } : { type };
  return {
    name,
    schema: { name: schema.name },
    identityGraph: { type: identityGraph.type },
    attributeMerge: method,
    isActiveOnEdge: flags.isActiveOnEdge ?? false,
    default: flags.default ?? false,
  };
}
