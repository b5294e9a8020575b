import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { PROBLEM_MEDIA_TYPE } from '../problem/problem-document.js';
import { finishOperation, type Operation } from './operation.js';

export interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

/** Where the document and its reader are served; open to anybody. */
export const DOCS_PATH = '/docs';

const header = (name: string, description: string) => ({ type: 'apiKey' as const, in: 'header', name, description });

const securitySchemes = {
  bearer: { type: 'http' as const, scheme: 'bearer', bearerFormat: 'JWT', description: 'Access token of the issuer' },
  apiKey: header('x-api-key', 'Client id the access token was issued to'),
  organisation: header('x-gw-ims-org-id', 'Organisation the call is about; the access token must grant it'),
  sandbox: header('x-sandbox-name', 'Sandbox the call is about; x-sandbox-id is accepted as well'),
};

const requestIdParameter = {
  name: 'x-request-id',
  in: 'header' as const,
  required: false,
  description:
    'Ties answer, log lines and messages of one request together; generated when absent, echoed on the answer',
  schema: { type: 'string', maxLength: 128 },
};

const fault = {
  type: 'object',
  required: ['path', 'message'],
  properties: { path: { type: 'string', description: 'JSON Pointer' }, message: { type: 'string' } },
};

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'message', 'statusCode', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong, and what to do about it' },
    message: { type: 'string' },
    statusCode: { type: 'string' },
    code: { type: 'string', description: 'Out of the catalogue of errors' },
    requestId: { type: 'string' },
    errors: { type: 'array', items: fault },
  },
};

/** The OpenAPI 3.1 document of everything an application serves, generated from its controllers. */
export function createOpenApiDocument(application: INestApplication, options: OpenApiOptions): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(options.title)
    .setDescription(options.description)
    .setVersion(options.version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(application, builder, {
    // An operation with several paths gets its name with a number, in brackets.
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '')}_${method.replace(/\[(\d+)\]$/, '_$1')}`,
  });
  return {
    ...document,
    servers: [{ url: '/' }],
    paths: Object.fromEntries(Object.entries(document.paths).map(([path, item]) => [path, finishPath(path, item)])),
    components: {
      ...document.components,
      securitySchemes,
      parameters: { RequestId: requestIdParameter },
      schemas: { ...document.components?.schemas, Problem: problemSchema },
      responses: {
        Problem: {
          description: 'The call was refused or failed',
          content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function finishPath(path: string, item: OpenAPIObject['paths'][string]): OpenAPIObject['paths'][string] {
  const operations = Object.entries(item as Record<string, Operation>);
  return Object.fromEntries(operations.map(([method, operation]) => [method, finishOperation(path, operation)]));
}

/** What the page may load: what comes with it, and the styles it has within. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the document at `/docs/openapi.json` and a page to read and try it at `/docs`. Call before `init()`. */
export function serveDocumentation(application: INestApplication, options: OpenApiOptions): void {
  const server = application.getHttpAdapter().getInstance() as FastifyInstance;
  server.addHook('onRoute', (route) => {
    if (route.url !== DOCS_PATH && !route.url.startsWith(`${DOCS_PATH}/`)) return;
    const setPolicy: onRequestHookHandler = (_request, reply, next) => {
      reply.header('content-security-policy', POLICY);
      next();
    };
    route.onRequest = [route.onRequest ?? [], setPolicy].flat();
  });
  SwaggerModule.setup(DOCS_PATH.slice(1), application, () => createOpenApiDocument(application, options), {
    jsonDocumentUrl: `${DOCS_PATH}/openapi.json`,
    raw: ['json'],
    customSiteTitle: options.title,
    swaggerOptions: { persistAuthorization: true },
  });
}
