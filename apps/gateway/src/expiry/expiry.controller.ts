import { Body, Controller, Get, Inject, Param, Patch } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requester, RequireScope, ValidBody } from '@tessera/http';
import { datasetReference } from '../catalog/dataset-answer.js';
import { datasetReferenceSchema } from '../catalog/dataset.schema.js';
import { expiryExtensions } from './expiry-answer.js';
import { expiryBodySchema, ttlSchema } from './expiry.schema.js';
import { ExpiryService } from './expiry.service.js';

const idParameter = { name: 'id', description: 'Id of a dataset of events' };

interface ExpiryBody {
  readonly extensions: {
    readonly adobe_unifiedProfile: { readonly rowExpiration: { readonly ttlValue: string | null } };
  };
}

/** How long datasets keep their events (spec 03-ingestion, "Expiry"). */
@ApiTags('Catalogue')
@Controller('data/foundation/catalog')
export class ExpiryController {
  constructor(@Inject(ExpiryService) private readonly expiry: ExpiryService) {}

  @Patch(['v2/dataSets/:id', 'v2/datasets/:id'])
  @RequireScope('profile.write')
  @ValidBody(expiryBodySchema)
  @ApiOperation({
    summary: 'Set how long a dataset keeps its events, from their timestamps on',
    description: 'Holds for every answer at once; what is stored follows by a BACKFILL_TTL system job.',
  })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'Its reference', schema: datasetReferenceSchema })
  async set(@Requester() requester: Requester, @Param('id') id: string, @Body() { extensions }: ExpiryBody) {
    await this.expiry.set(requester, id, extensions.adobe_unifiedProfile.rowExpiration.ttlValue);
    return datasetReference(id);
  }

  @Get('ttl/:id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'How long a dataset keeps its events' })
  @ApiParam(idParameter)
  @ApiResponse({ status: 200, description: 'What is set, or the default', schema: ttlSchema })
  async get(@Requester() { tenant }: Requester, @Param('id') id: string) {
    return { extensions: expiryExtensions(await this.expiry.get(tenant, id)) };
  }
}
