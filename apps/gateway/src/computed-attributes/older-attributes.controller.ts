import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '@tessera/contracts';
import { applyJsonPatch, type PatchOperation } from '@tessera/domain';
import {
  compileSchema,
  faultsOf,
  limitParameter,
  offsetParameter,
  problem,
  Requester,
  RequireScope,
  ValidBody,
  ValidQuery,
} from '@tessera/http';
import { longestLookbacks } from '@tessera/pql';
import { patchProblem } from '../patch-problem.js';
import type { AttributeSettings } from './attribute-rules.js';
import { olderAnswer } from './computed-attribute-answer.js';
import { olderAnswerSchema, olderBodySchema, olderListSchema, olderPatchSchema } from './computed-attribute.schema.js';
import { ComputedAttributesService } from './computed-attributes.service.js';
import { TENANT_NAME } from './tenant-name.token.js';

type OlderBody = Pick<AttributeSettings, 'name' | 'expression'> & { readonly description?: string };

const DEFAULT_LIMIT = 20;
const isBody = compileSchema<OlderBody>(olderBodySchema);

/** The older resource of computed attributes: it knows no drafts and no windows, and works on the same attributes. */
@ApiTags('Computed attributes')
@Controller('data/core/ups/config/computedAttributes')
export class OlderAttributesController {
  constructor(
    @Inject(ComputedAttributesService) private readonly attributes: ComputedAttributesService,
    @Inject(TENANT_NAME) private readonly tenantName: string,
  ) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery({ limit: limitParameter(DEFAULT_LIMIT), start: offsetParameter })
  @ApiOperation({ summary: 'List computed attributes (older resource)' })
  @ApiResponse({ status: 200, description: 'One page', schema: olderListSchema })
  async list(
    @Requester() { tenant, sandbox }: Requester,
    @Query() { limit = DEFAULT_LIMIT, start = 0 }: { readonly limit?: number; readonly start?: number },
  ) {
    const sort = { field: 'updatedAt', descending: true } as const;
    const { attributes, totalCount } = await this.attributes.page(tenant, {
      conditions: [],
      sort,
      offset: start,
      limit,
    });
    const next =
      start + limit < totalCount ? { href: `@/computedAttributes?start=${start + limit}&limit=${limit}` } : {};
    return {
      _page: { totalCount, pageSize: limit },
      children: attributes.map((attribute) => olderAnswer(attribute, sandbox, this.tenantName)),
      _links: { next },
    };
  }

  @Post()
  @HttpCode(200)
  @RequireScope('profile.write')
  @ValidBody(olderBodySchema)
  @ApiOperation({ summary: 'Create and publish a computed attribute (older resource)' })
  @ApiResponse({ status: 200, description: 'The new attribute', schema: olderAnswerSchema })
  async create(@Requester() requester: Requester, @Body() { name, description = '', expression }: OlderBody) {
    const duration = { count: longestLookbacks.MONTHS, unit: 'MONTHS' } as const;
    const settings = { name, displayName: name, description, expression, duration, keepCurrent: false };
    return olderAnswer(await this.attributes.create(requester, settings, 'NEW'), requester.sandbox, this.tenantName);
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One computed attribute (older resource)' })
  @ApiResponse({ status: 200, description: 'The attribute', schema: olderAnswerSchema })
  async get(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string) {
    return olderAnswer(await this.attributes.get(tenant, id), sandbox, this.tenantName);
  }

  @Patch(':id')
  @HttpCode(204)
  @RequireScope('profile.write')
  @ValidBody(olderPatchSchema)
  @ApiOperation({
    summary: 'Change name, description or expression; another expression is evaluated anew (older resource)',
  })
  @ApiResponse({ status: 204, description: 'Changed' })
  async change(@Requester() requester: Requester, @Param('id') id: string, @Body() operations: PatchOperation[]) {
    const current = await this.attributes.get(requester.tenant, id);
    const { name, description, expression, schema } = olderAnswer(current, requester.sandbox, this.tenantName);
    const before: JsonObject = { name, description, expression, schema };
    const patched = applyJsonPatch(before, operations);
    if (!patched.ok) throw patchProblem(patched, 'computed-attribute-changed');
    const after = patched.document;
    if (!isBody(after)) throw invalid(faultsOf(isBody.errors ?? []));
    await this.attributes.replace(requester, current, { ...after, description: after.description ?? '' });
  }

  @Delete(':id')
  @HttpCode(200)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Delete a computed attribute (older resource)' })
  @ApiResponse({ status: 200, description: 'Deleted' })
  async remove(@Requester() { tenant }: Requester, @Param('id') id: string): Promise<void> {
    await this.attributes.remove(tenant, id);
  }
}

function invalid(errors: readonly { readonly path: string; readonly message: string }[]) {
  return problem('invalid-body', { detail: 'The patch makes no computed attribute.', errors });
}
