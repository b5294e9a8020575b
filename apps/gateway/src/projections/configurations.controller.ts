import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { ConfigurationSettings } from '@tessera/domain';
import { Accepts, problem, Requester, RequireScope, ValidBody, ValidQuery } from '@tessera/http';
import { configurationAnswer, CONFIGURATIONS_PATH, link } from './projection-answer.js';
import {
  configurationAnswerSchema,
  configurationBodySchema,
  configurationChangeSchema,
  configurationListSchema,
  projectedSchemaParameter,
} from './projection.schema.js';
import { ProjectionsService } from './projections.service.js';

export const CONFIGURATION_MEDIA_TYPE = 'application/vnd.adobe.platform.projectionConfig+json;version=1';

interface ListQuery {
  readonly schemaName?: string;
  readonly name?: string;
}

interface ChangeBody extends ConfigurationSettings {
  readonly currentVersion?: number;
  readonly version?: number;
}

/** What is held at destinations (spec 10-projections, "Configurations"). */
@ApiTags('Projections')
@Controller('data/core/ups/config/projections')
export class ConfigurationsController {
  constructor(@Inject(ProjectionsService) private readonly projections: ProjectionsService) {}

  @Get()
  @RequireScope('profile.read')
  @ValidQuery({
    schemaName: { ...projectedSchemaParameter, description: 'Only those of this schema' },
    name: { type: 'string', minLength: 1, description: 'Only the one of this name; needs schemaName' },
  })
  @ApiOperation({ summary: 'List projection configurations' })
  @ApiResponse({ status: 200, description: 'All that match', schema: configurationListSchema })
  async list(@Requester() { tenant }: Requester, @Query() { schemaName, name }: ListQuery) {
    if (name !== undefined && schemaName === undefined) throw nameWithoutSchema();
    const found = (await this.projections.configurations(tenant)).filter(
      ({ configuration }) =>
        (schemaName === undefined || configuration.schemaName === schemaName) &&
        (name === undefined || configuration.name === name),
    );
    const asked = new URLSearchParams({ ...(schemaName && { schemaName }), ...(name && { name }) }).toString();
    return {
      _links: { self: link(asked === '' ? CONFIGURATIONS_PATH : `${CONFIGURATIONS_PATH}?${asked}`) },
      _embedded: {
        projectionConfigs: found.map(({ configuration, destination }) =>
          configurationAnswer(configuration, destination),
        ),
      },
    };
  }

  @Post()
  @RequireScope('profile.write')
  @Accepts(CONFIGURATION_MEDIA_TYPE)
  @ValidQuery({ schemaName: projectedSchemaParameter }, ['schemaName'])
  @ValidBody(configurationBodySchema)
  @ApiOperation({ summary: 'Create a projection configuration' })
  @ApiResponse({ status: 201, description: 'The new configuration', schema: configurationAnswerSchema })
  async create(
    @Requester() { tenant }: Requester,
    @Query() { schemaName }: { readonly schemaName: string },
    @Body() body: ConfigurationSettings,
  ) {
    const created = await this.projections.createConfiguration(tenant, schemaName, settingsOf(body));
    return configurationAnswer(created.configuration, created.destination);
  }

  @Get(':id')
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'One projection configuration' })
  @ApiResponse({ status: 200, description: 'The configuration', schema: configurationAnswerSchema })
  async get(@Requester() { tenant }: Requester, @Param('id') id: string) {
    const { configuration, destination } = await this.projections.configuration(tenant, id);
    return configurationAnswer(configuration, destination);
  }

  @Put(':id')
  @RequireScope('profile.write')
  @Accepts(CONFIGURATION_MEDIA_TYPE)
  @ValidBody(configurationChangeSchema)
  @ApiOperation({ summary: 'Replace a projection configuration; the edges follow' })
  @ApiResponse({ status: 200, description: 'The configuration after the change', schema: configurationAnswerSchema })
  async replace(@Requester() { tenant }: Requester, @Param('id') id: string, @Body() body: ChangeBody) {
    const changed = await this.projections.changeConfiguration(tenant, id, madeFrom(body), settingsOf(body));
    return configurationAnswer(changed.configuration, changed.destination);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('profile.write')
  @ApiOperation({ summary: 'Delete a projection configuration; the edges drop its copies' })
  @ApiResponse({ status: 204, description: 'Deleted' })
  async remove(@Requester() { tenant }: Requester, @Param('id') id: string): Promise<void> {
    await this.projections.removeConfiguration(tenant, id);
  }
}

/** Only what a user decides, taken field by field: a body may carry anything else. */
function settingsOf({ name, selector, destinationId }: ConfigurationSettings): ConfigurationSettings {
  return { name, selector, destinationId };
}

/** @throws ProblemError `invalid-body` where the two spellings of the version disagree. */
function madeFrom({ currentVersion, version }: ChangeBody): number {
  const named = currentVersion ?? version;
  if (named !== undefined && (version ?? named) === named) return named;
  throw problem('invalid-body', {
    detail: 'currentVersion and version mean the same: send one of them, or both alike.',
    errors: [{ path: '/version', message: 'differs from currentVersion' }],
  });
}

function nameWithoutSchema() {
  return problem('invalid-parameter', {
    detail: 'Names are unique within a schema only: the parameter name needs schemaName.',
    errors: [{ path: '/schemaName', message: 'is required with name' }],
  });
}
