import { Body, Controller, Get, Inject, Put } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requester, RequireScope, ValidBody } from '@tessera/http';
import { identitySettingsSchema } from './identity-settings.schema.js';
import { IdentitySettingsService, type NamespaceRuleBody } from './identity-settings.service.js';

/** Which identities a sandbox allows to be one person (spec 04-identity, "Linking rules"). */
@ApiTags('Identities')
@Controller('data/core/identity/settings')
export class IdentitySettingsController {
  constructor(@Inject(IdentitySettingsService) private readonly settings: IdentitySettingsService) {}

  @Get()
  @RequireScope('profile.read')
  @ApiOperation({ summary: 'The linking rules of the sandbox' })
  @ApiResponse({ status: 200, description: 'The rules, none in a new sandbox', schema: identitySettingsSchema })
  get(@Requester() { tenant }: Requester) {
    return this.settings.get(tenant);
  }

  @Put()
  @RequireScope('profile.admin')
  @ValidBody(identitySettingsSchema)
  @ApiOperation({ summary: 'Replace the linking rules; who is linked already follows soon after' })
  @ApiResponse({ status: 200, description: 'The rules after the change', schema: identitySettingsSchema })
  put(@Requester() { tenant }: Requester, @Body() { namespaces }: { namespaces: NamespaceRuleBody[] }) {
    return this.settings.put(tenant, namespaces);
  }
}
