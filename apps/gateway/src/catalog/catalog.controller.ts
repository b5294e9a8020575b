import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject, JsonValue } from '@tessera/contracts';
import {
  Accepts,
  limitParameter,
  offsetParameter,
  Requester,
  RequireScope,
  ValidBody,
  ValidQuery,
} from '@tessera/http';
import { CatalogService } from './catalog.service.js';
import { datasetReference, datasetsAnswer } from './dataset-answer.js';
import { checkPatchForm, settingsOf, type DatasetPatch } from './dataset-settings.js';
import { datasetPatchSchema, datasetReferenceSchema, datasetsByIdSchema, newDatasetSchema } from './dataset.schema.js';

const DEFAULT_LIMIT = 100;
const idParameter = { name: 'id', description: 'Id of a dataset' };

interface ListQuery {
  readonly name?: string;
  readonly limit?: number;
  readonly start?: number;
}

/** The catalogue of datasets (spec 03-ingestion, "Catalogue"). */
@ApiTags('Catalogue')
@Controller('data/foundation/catalog/dataSets')
export class CatalogController {
  constructor(@Inject(CatalogService) private readonly catalog: CatalogService) {}

  @Post()
  @RequireScope('profile.write')
  @ValidBody(newDatasetSchema)
  @ApiOperation({ summary: 'Create a dataset' })
  @ApiResponse({ status: 201, description: 'Its reference', schema: datasetReferenceSchema })
  async create(@Requester() requester: Requester, @Body() body: JsonObject) {
    return datasetReference((await this.catalog.create(requester, settingsOf(body))).id);
  }

  @Get()
  @RequireScope('profile.read')
  @ValidQuery({
    name: { type: 'string', description: 'The dataset of exactly this name' },
    limit: limitParameter(DEFAULT_LIMIT),
    start: offsetParameter,
  })
  @ApiOperation({ summary: 'List datasets, oldest first' })
  @ApiResponse({ status: 200, description: 'One page, keyed by id', schema: datasetsByIdSchema })
  async list(@Requester() { tenant, sandbox }: Requester, @Query() query: ListQuery) {
    const { name, limit = DEFAULT_LIMIT, start = 0 } = query;
    return datasetsAnswer(
      await this.catalog.list(tenant, { ...(name !== undefined && { name }) }, { start, limit }),
      sandbox,
    );
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One dataset' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'The dataset, keyed by its id', schema: datasetsByIdSchema })
  async get(@Requester() { tenant, sandbox }: Requester, @Param('id') id: string) {
    return datasetsAnswer([await this.catalog.get(tenant, id)], sandbox);
  }

  @Patch(':id')
  @RequireScope('profile.write')
  @Accepts('application/json', 'application/json-patch+json', 'application/merge-patch+json')
  @ValidBody(datasetPatchSchema)
  @ApiOperation({ summary: 'Change a dataset: by fields to merge, or by JSON Patch' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'Its reference', schema: datasetReferenceSchema })
  async patch(
    @Requester() requester: Requester,
    @Param('id') id: string,
    @Headers('content-type') mediaType: string,
    @Body() body: JsonValue,
  ) {
    checkPatchForm(body, mediaType);
    await this.catalog.patch(requester, id, body as unknown as DatasetPatch);
    return datasetReference(id);
  }

  @Delete(':id')
  @HttpCode(200)
  @RequireScope('profile.admin')
  @ApiOperation({ summary: 'Delete a dataset; its profile data goes by a job' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'Its reference', schema: datasetReferenceSchema })
  async remove(@Requester() requester: Requester, @Param('id') id: string) {
    await this.catalog.remove(requester, id);
    return datasetReference(id);
  }
}
