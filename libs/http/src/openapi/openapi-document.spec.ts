import { Validator } from '@seriousme/openapi-schema-validator';
import { startExample, type Example } from '../application/example.fixture.js';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
}

describe('OpenAPI document', () => {
  let example: Example;
  let document: Document;
  beforeAll(async () => {
    example = await startExample();
    document = (await example.application.inject({ method: 'GET', url: '/docs/openapi.json' })).json<Document>();
  });
  afterAll(() => example.application.close());

  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>)).toEqual({
      valid: true,
    });
  });

  it('documents what a route enforces: scope, headers, parameters, body', () => {
    const read = document.paths['/example/read']?.['get'];
    expect(read?.['security']).toEqual([{ bearer: ['profile.read'], apiKey: [], organisation: [], sandbox: [] }]);
    expect(read?.['parameters']).toContainEqual({
      name: 'limit',
      in: 'query',
      required: false,
      description: 'Items on one page.',
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    });
    const write = document.paths['/example/write']?.['post'];
    expect(write?.['requestBody']).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { required: ['name', 'kind'] } } },
    });
    expect(write?.['responses']).toMatchObject({ default: { $ref: '#/components/responses/Problem' } });
  });

  it('tells routes without a sandbox, without a token, and of inlets apart', () => {
    const securityOf = (path: string, method: string) => document.paths[path]?.[method]?.['security'];
    expect(securityOf('/example/organisation', 'get')).toEqual([
      { bearer: ['profile.admin'], apiKey: [], organisation: [] },
    ]);
    expect(securityOf('/health/live', 'get')).toEqual([]);
    expect(securityOf('/example/inlet/{inletId}', 'post')).toEqual([{ bearer: ['ingest'] }, {}]);
  });

  it('leaves no trace of how it is made', () => {
    expect(JSON.stringify(document)).not.toMatch(/x-rule-|x-schema-/);
  });

  it('has a page to read it, without a token', async () => {
    for (const url of ['/docs', '/docs/', '/docs/swagger-ui-init.js', '/docs/swagger-ui.css']) {
      expect({ url, status: (await example.application.inject({ method: 'GET', url })).statusCode }).toEqual({
        url,
        status: 200,
      });
    }
    const { headers } = await example.application.inject({ method: 'GET', url: '/docs' });
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['content-security-policy']).toContain("script-src 'self';");
  });
});
