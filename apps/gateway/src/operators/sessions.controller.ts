import { Body, Controller, Get, Header, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Accepts, FORM_MEDIA_TYPE, Public, ValidBody } from '@tessera/http';
import { OperatorAccess, SESSIONS_PATH } from './operator-access.js';
import { QUEUES_PATH } from './queue-board.js';

const sessionSchema = {
  type: 'object',
  required: ['access_token'],
  properties: { access_token: { type: 'string', minLength: 1, description: 'A token with the scope ops' } },
};

/** Nothing is loaded from anywhere, and the form may only be sent back here. */
const POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Tessera operations</title></head>
<body>
<h1>Tessera operations</h1>
<form method="post" action="${SESSIONS_PATH}" autocomplete="off">
<p><label>Access token with the scope <code>ops</code><br><input name="access_token" type="password" size="80" required></label></p>
<p><button>Begin a session</button></p>
</form>
</body>
</html>
`;

/** What the answers need of the server's reply. */
interface Reply {
  header(name: string, value: string): Reply;
}

/** How a browser, which has no bearer token by itself, gets to the pages for operators. */
@ApiTags('Operations')
@Controller('ops/sessions')
export class SessionsController {
  constructor(@Inject(OperatorAccess) private readonly access: OperatorAccess) {}

  @Get()
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'A page to begin a session of an operator on' })
  @ApiResponse({ status: 200, description: 'HTML', content: { 'text/html': { schema: { type: 'string' } } } })
  form(): string {
    return page;
  }

  @Post()
  @HttpCode(303)
  @Public()
  @Accepts(FORM_MEDIA_TYPE)
  @ValidBody(sessionSchema)
  @ApiOperation({ summary: 'Begin a session of a quarter of an hour with a token that holds the scope ops' })
  @ApiResponse({ status: 303, description: 'A cookie for the pages below /ops, and where to go' })
  async open(
    @Body() { access_token: token }: { readonly access_token: string },
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<void> {
    reply
      .header('set-cookie', await this.access.openSession(token))
      .header('cache-control', 'no-store')
      .header('location', QUEUES_PATH);
  }
}
