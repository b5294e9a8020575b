import { Body, Controller, Get, Module, Post, Put, Query, type DynamicModule, type Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { UnavailableError } from '@tessera/contracts';
import { createLogger, Metrics } from '@tessera/observability';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  AccessControl,
  BodyLimit,
  BodyStream,
  Caller,
  createHttpApplication,
  DOCS_PATH,
  Inlet,
  InletAccess,
  limitParameter,
  NoSandbox,
  OperationsModule,
  PassedOn,
  Public,
  Requester,
  RequireScope,
  serveDocumentation,
  StreamedBody,
  TokenVerifier,
  ValidBody,
  ValidQuery,
  type OperationsParts,
  type ReadinessCheck,
  type Sandbox,
} from '../index.js';

export const ORGANISATION = 'A@TesseraOrg';
const issuer = 'https://issuer.example';
const audience = 'tessera';
const prod: Sandbox = { id: 'sandbox-1', name: 'prod', title: 'Production', type: 'production', isDefault: true };
const tenant = { organisation: ORGANISATION, sandbox: 'prod' };
const inlets = new Map([
  ['open', { inletId: 'open', connectionId: 'c1', tenant, authenticationRequired: false }],
  ['closed', { inletId: 'closed', connectionId: 'c2', tenant, authenticationRequired: true }],
]);

@Controller('example')
class ExampleController {
  @Get('read')
  @RequireScope('profile.read')
  @ValidQuery({ limit: limitParameter(20, 100), flag: { type: 'boolean' }, sort: { enum: ['asc', 'desc'] } })
  read(@Requester() requester: Requester, @Query() query: unknown) {
    return { tenant: requester.tenant, clientId: requester.clientId, query };
  }

  @Get('passed-on')
  @RequireScope('profile.read')
  @PassedOn()
  passedOn() {
    return { passedOn: true };
  }

  @Get('organisation')
  @RequireScope('profile.admin')
  @NoSandbox()
  organisation(@Caller() caller: Caller) {
    return { organisation: caller.organisation };
  }

  @Post('write')
  @RequireScope('profile.write')
  @ValidBody({
    type: 'object',
    required: ['name', 'kind'],
    properties: { name: { type: 'string', minLength: 1 }, kind: { enum: ['a', 'b'] }, 'x/y': { type: 'integer' } },
    additionalProperties: { type: ['object', 'array'] },
  })
  write(@Body() body: unknown) {
    return { keys: Object.keys(body as object), text: JSON.stringify(body) };
  }

  @Post('free')
  @Public()
  @BodyLimit('free')
  free(@Body() body: unknown) {
    return { body };
  }

  @Put('stream')
  @Public()
  @StreamedBody()
  async stream(@BodyStream() { announced, chunks }: BodyStream, @Query('most') most: string | undefined) {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes >= Number(most)) break;
    }
    return { announced, bytes };
  }

  @Get('failing')
  @Public()
  failing(@Query('how') how: string) {
    if (how === 'down') throw new UnavailableError('kafka', new Error('connect 10.0.0.1'));
    throw new Error('password=hunter2');
  }

  @Get('undeclared')
  undeclared() {
    return 'never';
  }

  @Post('inlet/:inletId')
  @InletAccess()
  inlet(@Inlet() inlet: Inlet) {
    return { connectionId: inlet.connectionId };
  }
}

@Module({})
class ExampleModule {
  static with(access: Provider, operations: OperationsParts): DynamicModule {
    const imports = [OperationsModule.with(operations)];
    return { module: ExampleModule, imports, controllers: [ExampleController], providers: [access] };
  }
}

export interface Example {
  readonly application: NestFastifyApplication;
  /** Lines the application logged. */
  readonly lines: readonly string[];
  /** The clock that tokens are checked by. */
  readonly clock: { advance(milliseconds: number): void };
  /** A token, signed by the issuer unless `forged`. */
  token(claims?: Record<string, unknown>, forged?: boolean): Promise<string>;
  /** All headers of a good call. */
  headers(changed?: Record<string, string | undefined>): Promise<Record<string, string>>;
}

/** A small application with one route of each kind of access. */
export async function startExample(checks: Readonly<Record<string, ReadinessCheck>> = {}): Promise<Example> {
  const good = await generateKeyPair('ES256');
  const other = await generateKeyPair('ES256');
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(good.publicKey)), alg: 'ES256', kid: 'k1' }] });
  let advanced = 0;
  const verifier = new TokenVerifier({
    keys,
    issuer,
    audience,
    organisationsClaim: 'organisations',
    clientClaim: 'client_id',
    now: () => Date.now() + advanced,
  });
  const access = new AccessControl({
    verifier,
    sandboxes: {
      find: async (organisation, by) => {
        if ('name' in by && by.name === 'away') throw new UnavailableError('mongodb', new Error('away'));
        return Promise.resolve(
          organisation === ORGANISATION && ('name' in by ? by.name === prod.name : by.id === prod.id)
            ? prod
            : undefined,
        );
      },
    },
    inlets: { findByInlet: async (inletId) => Promise.resolve(inlets.get(inletId)) },
  });
  const lines: string[] = [];
  const metrics = new Metrics('example');
  const root = ExampleModule.with({ provide: AccessControl, useValue: access }, { metrics, checks, timeout: 50 });
  const application = await createHttpApplication(root, {
    logger: createLogger('example', 'debug', { write: (line: string) => void lines.push(line) }),
    metrics,
    hasAccessControl: true,
    bodyLimits: { free: 1_000 },
    publicPaths: [DOCS_PATH],
  });
  serveDocumentation(application, { title: 'Example', description: 'An example.', version: '1' });
  await application.init();
  await application.getHttpAdapter().getInstance().ready();

  const token: Example['token'] = async (claims = {}, forged = false) => {
    const payload = {
      iss: issuer,
      aud: audience,
      exp: Math.floor(Date.now() / 1000) + 60,
      client_id: 'client-1',
      organisations: [ORGANISATION],
      scope: 'profile.read,profile.write profile.admin ingest',
      ...claims,
    };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .sign(forged ? other.privateKey : good.privateKey);
  };
  const headers: Example['headers'] = async (changed = {}) => {
    const all: Record<string, string | undefined> = {
      authorization: `Bearer ${await token()}`,
      'x-api-key': 'client-1',
      'x-gw-ims-org-id': ORGANISATION,
      'x-sandbox-name': 'prod',
      ...changed,
    };
    return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  };
  const clock = { advance: (milliseconds: number) => void (advanced += milliseconds) };
  return { application, lines, clock, token, headers };
}
