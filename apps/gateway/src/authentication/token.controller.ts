import { Body, Controller, Get, Header, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Accepts, FORM_MEDIA_TYPE, problem, Public, ValidBody } from '@tessera/http';
import { DevelopmentIssuer } from './development-issuer.js';
import { grantedScopes } from './scopes.js';

const tokenRequestSchema = {
  type: 'object',
  required: ['grant_type', 'client_id', 'client_secret'],
  properties: {
    grant_type: { type: 'string', description: '`client_credentials`' },
    client_id: { type: 'string' },
    client_secret: { type: 'string' },
    scope: { type: 'string', description: 'Scopes separated by spaces or commas; all the client has when absent' },
  },
};

const tokenAnswerSchema = {
  type: 'object',
  required: ['access_token', 'token_type', 'expires_in'],
  properties: {
    access_token: { type: 'string' },
    token_type: { type: 'string', enum: ['bearer'] },
    expires_in: { type: 'integer', description: 'Seconds' },
  },
};

interface TokenRequest {
  readonly grant_type: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly scope?: string;
}

/** The token endpoint of the built-in development issuer (spec 02-conventions; RFC 6749 §4.4). */
@ApiTags('Authentication')
@Controller('ims')
export class TokenController {
  constructor(@Inject(DevelopmentIssuer) private readonly issuer: DevelopmentIssuer) {}

  @Post(['token/v3', 'token/v2'])
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Public()
  @Accepts(FORM_MEDIA_TYPE)
  @ValidBody(tokenRequestSchema)
  @ApiOperation({ summary: 'Get an access token (development issuer)' })
  @ApiResponse({ status: 200, description: 'The token', schema: tokenAnswerSchema })
  async token(@Body() { grant_type, client_id, client_secret, scope }: TokenRequest) {
    if (grant_type !== 'client_credentials') {
      throw problem('unsupported-grant-type', {
        detail: 'The field grant_type must be client_credentials.',
        fields: { error: 'unsupported_grant_type' },
      });
    }
    const client = this.issuer.authenticate(client_id, client_secret);
    if (client === undefined) {
      throw problem('invalid-client', {
        detail: 'No client has this client_id and client_secret.',
        fields: { error: 'invalid_client' },
      });
    }
    const { token, lifetime } = await this.issuer.issue(client, grantedScopes(scope, client.scopes));
    return { access_token: token, token_type: 'bearer', expires_in: lifetime };
  }

  @Get('keys')
  @Public()
  @ApiOperation({ summary: 'Public keys of the development issuer (JWKS)' })
  @ApiResponse({ status: 200, description: 'JSON Web Key Set', schema: { type: 'object' } })
  keys() {
    return this.issuer.keySet();
  }
}
