import { problemCatalogue, type CatalogueEntry } from './catalogue.js';

/** The page `docs/errors.md`: every error of the catalogue, as Markdown. */
export function renderErrorsPage(): string {
  const entries: [string, CatalogueEntry][] = Object.entries(problemCatalogue);
  const rows = entries.map(
    ([slug, { status, code, title, help }]) =>
      `| <a id="${slug}"></a>\`${slug}\` | ${status} | \`${code}\` | ${title} | ${help} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `libs/http/src/problem/catalogue.ts` by `npm run docs`; do not edit.',
    '',
    'Every error of every endpoint is `application/problem+json` (RFC 9457). Its `type` is',
    '`https://tessera.dev/errors/<slug>`; it also carries `message`, `statusCode`, `code`, `requestId` and, for invalid',
    'input, `errors`: every fault with its JSON Pointer.',
    '',
    '| slug | status | code | title | when, and what helps |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
