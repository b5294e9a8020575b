import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requester, RequireScope, ValidBody, ValidQuery } from '@tessera/http';
import { attributeLinks, attributeListParameters, attributePage, type AttributeListQuery } from './attribute-list.js';
import type { AttributePatch, AttributeSettings } from './attribute-rules.js';
import { attributeAnswer } from './computed-attribute-answer.js';
import {
  attributeAnswerSchema,
  attributeBodySchema,
  attributeChangeSchema,
  attributeListSchema,
} from './computed-attribute.schema.js';
import { ComputedAttributesService } from './computed-attributes.service.js';
import { TENANT_NAME } from './tenant-name.token.js';

type AttributeBody = Pick<AttributeSettings, 'name' | 'expression' | 'duration'> &
  Partial<AttributeSettings> & { readonly status?: 'DRAFT' | 'NEW' };

/** Attributes that are calculated from events (spec 11-computed-attributes). */
@ApiTags('Computed attributes')
@Controller('data/core/ca/attributes')
export class ComputedAttributesController {
  constructor(
    @Inject(ComputedAttributesService) private readonly attributes: ComputedAttributesService,
    @Inject(TENANT_NAME) private readonly tenantName: string,
  ) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery(attributeListParameters)
  @ApiOperation({ summary: 'List computed attributes, the last changed first' })
  @ApiResponse({ status: 200, description: 'One page', schema: attributeListSchema })
  async list(@Requester() { tenant, sandbox }: Requester, @Query() query: AttributeListQuery) {
    const page = attributePage(query);
    const { attributes, totalCount } = await this.attributes.page(tenant, page);
    return {
      _links: attributeLinks(query, totalCount),
      computedAttributes: attributes.map((attribute) => attributeAnswer(attribute, sandbox, this.tenantName)),
      _page: { offset: page.offset, limit: page.limit, count: attributes.length, totalCount },
    };
  }

  @Post()
  @HttpCode(200)
  @RequireScope('profile.write')
  @ValidBody(attributeBodySchema)
  @ApiOperation({ summary: 'Create a computed attribute, as a draft or published' })
  @ApiResponse({ status: 200, description: 'The new attribute', schema: attributeAnswerSchema })
  async create(@Requester() requester: Requester, @Body() body: AttributeBody) {
    const { name, displayName = name, description = '', expression, duration, keepCurrent = false } = body;
    const settings = { name, displayName, description, expression, duration: lookback(duration), keepCurrent };
    const created = await this.attributes.create(requester, settings, body.status ?? 'DRAFT');
    return attributeAnswer(created, requester.sandbox, this.tenantName);
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One computed attribute' })
  @ApiResponse({ status: 200, description: 'The attribute', schema: attributeAnswerSchema })
  async get(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string) {
    return attributeAnswer(await this.attributes.get(tenant, id), sandbox, this.tenantName);
  }

  @Patch(':id')
  @RequireScope('profile.write')
  @ValidBody(attributeChangeSchema)
  @ApiOperation({ summary: 'Change, publish or disable a computed attribute, as its status allows' })
  @ApiResponse({ status: 200, description: 'The attribute after the change', schema: attributeAnswerSchema })
  async change(@Requester() requester: Requester, @Param('id') id: string, @Body() body: AttributePatch) {
    const changed = await this.attributes.change(requester, id, patchOf(body));
    return attributeAnswer(changed, requester.sandbox, this.tenantName);
  }

  @Delete(':id')
  @HttpCode(202)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Delete a draft' })
  @ApiResponse({ status: 202, description: 'The deleted draft', schema: attributeAnswerSchema })
  async remove(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string) {
    return attributeAnswer(await this.attributes.removeDraft(tenant, id), sandbox, this.tenantName);
  }
}

/** Only what a client decides, taken field by field: a body may carry anything else. */
function patchOf(body: AttributePatch): AttributePatch {
  const { name, displayName, description, expression, duration, keepCurrent, status } = body;
  return {
    ...(name !== undefined && { name }),
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
    ...(expression !== undefined && { expression }),
    ...(duration !== undefined && { duration: lookback(duration) }),
    ...(keepCurrent !== undefined && { keepCurrent }),
    ...(status !== undefined && { status }),
  };
}

function lookback({ count, unit }: AttributeSettings['duration']): AttributeSettings['duration'] {
  return { count, unit };
}
