import type { OpenApiOptions } from '@tessera/http';

/** What the OpenAPI document says about the API as a whole. */
export const documentation: OpenApiOptions = {
  title: 'Tessera',
  version: '1',
  description: [
    'The real-time customer profile platform over HTTP.',
    '',
    'Every call but those of streaming ingestion, health, metrics and documentation needs four headers: `Authorization`,',
    '`x-api-key`, `x-gw-ims-org-id` and `x-sandbox-name`. Every error is `application/problem+json`; its `code` is one of',
    'the catalogue of errors. Trailing slashes and repeated equal query parameters are accepted, booleans in any case.',
  ].join('\n'),
};
